/** Fields that outcomes define: never taken over from an entry, so that an outcome can be fed back as one. */
// biome-ignore format: words
const outcomeFields = [
  'index', 'url', 'path', 'status', 'reason', 'by', 'of', 'bytes', 'received', 'etag', 'lastModified', 'type', 'digest',
  'verified', 'encoding', 'attempts', 'ms', 'error',
] as const

/** Whether `name` is a field that outcomes define. */
export const isReserved = (name: string): boolean => reserved.has(name)

const reserved: ReadonlySet<string> = new Set(outcomeFields)

/** The fields of a row that come back in its outcome. Own data properties only: one called __proto__ stays a field. */
export const echo = (fields: Record<string, unknown>): Record<string, unknown> => {
  const names = Object.keys(fields).filter(name => !reserved.has(name))
  // Most rows have none.
  return names.length === 0 ? {} : Object.fromEntries(names.map(name => [name, fields[name]]))
}

/**
 * The same by type: rows that are URLs have none, where only some are the fields of the others may be missing, and rows that
 * are not known, such as those of a stream of bytes, may have any. What is a function is a method, and stays behind.
 */
export type ExtraOf<Row> = [Row] extends [never]
  ? unknown
  : unknown extends Row
    ? Record<string, unknown>
    : [Extract<Row, BareRow>] extends [never]
      ? Echoed<Row>
      : [Exclude<Row, BareRow>] extends [never]
        ? [Extract<Row, Uint8Array>] extends [never]
          ? unknown
          : Record<string, unknown>
        : Partial<Echoed<Exclude<Row, BareRow>>>

/** Rows without fields. */
export type BareRow = string | URL | Uint8Array

/** The fields of a row that come back, without those that outcomes define and without methods. */
export type Echoed<Row> = Row extends unknown
  ? {
      [Name in keyof Row as Row[Name] extends (...given: never) => unknown
        ? never
        : Exclude<Name, (typeof outcomeFields)[number]>]: Row[Name]
    }
  : never

/** Rows that can be entries, as far as their type tells: it is in the way of those that never have a URL. */
export type Wish<Row> = unknown extends Row ? unknown : [Row] extends [Hopeful<Row>] ? unknown : WithoutUrl

/** What a source cannot be: named for the message of the compiler. */
export type WithoutUrl = { readonly 'each row is a URL, or an object with a url': never }

/** Of the rows of a source those that can have a URL. */
export type Hopeful<Row> = Row extends BareRow
  ? Row
  : string extends keyof Row
    ? Row
    : Row extends { readonly url?: infer Url }
      ? 'url' extends keyof Row
        ? unknown extends Url
          ? Row
          : [Extract<Url, string | URL>] extends [never]
            ? never
            : Row
        : never
      : never
