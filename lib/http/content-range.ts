/** The part of a representation that a 206 carries; `end` is its last byte, `total` absent where the origin does not know it. */
export type ContentRange = {
  readonly start: number
  readonly end: number
  readonly total: number | undefined
}

/** What a 416 says of the representation of which the asked part does not exist. */
export type UnsatisfiedRange = { readonly unsatisfied: true; readonly total: number }

/** A Content-Range as RFC 9110 section 14.4 writes it, in bytes and without contradictions; undefined for anything else. */
export const parseContentRange = (value: string | undefined): ContentRange | UnsatisfiedRange | undefined => {
  // Only the name of the unit is case-insensitive (section 14.1). Fifteen digits reach a petabyte and stay exact.
  const [, first, last, length, unsatisfied] =
    /^bytes (?:(\d{1,15})-(\d{1,15})\/(\d{1,15}|\*)|\*\/(\d{1,15}))$/i.exec(value ?? '') ?? []
  if (unsatisfied !== undefined) return { unsatisfied: true, total: Number(unsatisfied) }
  const start = Number(first)
  const end = Number(last)
  const total = length === '*' ? undefined : Number(length)
  return start <= end && end < (total ?? Number.POSITIVE_INFINITY) ? { start, end, total } : undefined
}
