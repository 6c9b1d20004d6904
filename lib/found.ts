/** What a message may repeat of a wrong value: a scalar as it is; of anything else, which may hold secrets, only its type. */
export const found = (value: unknown): string => {
  if (typeof value === 'string') return JSON.stringify(value)
  return isComposed(value) ? typeNameOf(value) : String(value)
}

/** The type of a value in words, for where the value itself may be a secret. */
export const typeNameOf = (value: unknown): string => {
  if (value === null || value === undefined) return String(value)
  if (Array.isArray(value)) return 'a list'
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`
}

const isComposed = (value: unknown): boolean =>
  (typeof value === 'object' && value !== null) || typeof value === 'function'
