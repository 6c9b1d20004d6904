/** Fields that outcomes define: never taken over from an entry, so that an outcome can be fed back as one. */
// biome-ignore format: words
const outcomeFields = [
  'index', 'url', 'path', 'row', 'status', 'reason', 'by', 'of', 'bytes', 'received', 'etag', 'lastModified', 'type', 'digest',
  'verified', 'encoding', 'attempts', 'ms', 'error',
] as const

/** Whether `name` is a field that outcomes define. */
export const isReserved = (name: string): boolean => outcomeFields.some(field => field === name)

/** The fields of a row that come back in its outcome. Own data properties only: one called __proto__ stays a field. */
export const echo = (fields: Record<string, unknown>): Record<string, unknown> =>
  Object.fromEntries(Object.entries(fields).filter(([name]) => !isReserved(name)))

/** The same by type: of a row that is a URL there are none, and of rows that are not known there may be any. */
export type ExtraOf<Row> = [Row] extends [never]
  ? unknown
  : unknown extends Row
    ? Record<string, unknown>
    : Row extends string
      ? unknown
      : Omit<Row, (typeof outcomeFields)[number]>
