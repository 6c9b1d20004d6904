import type { Happening } from '../keeper.js'
import type { Request } from './message.js'

/** Whether something is what it should be. */
type Check = (given: unknown) => boolean

/** The longest name of a pool, an actor, a user or an origin. */
const longestName = 1024

/** Beyond this microseconds are no longer whole. */
const largest = 2 ** 53

const amount: Check = given => typeof given === 'number' && given >= 0 && given <= largest
const difference: Check = given => typeof given === 'number' && Math.abs(given) <= largest
const positive: Check = given => amount(given) && given !== 0
const countable: Check = given => positive(given) && Number.isInteger(given)
const text: Check = given => typeof given === 'string' && given.length <= longestName
const name: Check = given => text(given) && given !== ''
const flag: Check = given => typeof given === 'boolean'
const optional =
  (check: Check): Check =>
  given =>
    given === undefined || check(given)
const each =
  (check: Check): Check =>
  given =>
    Array.isArray(given) && given.length <= 64 && given.every(check)
/** Exactly these fields, so that what is misspelt is not taken for what is absent. */
const fields =
  (shape: Readonly<Record<string, Check>>): Check =>
  given =>
    typeof given === 'object' &&
    given !== null &&
    !Array.isArray(given) &&
    Object.keys(given).every(key => Object.hasOwn(shape, key)) &&
    Object.entries(shape).every(([key, check]) => check((given as Record<string, unknown>)[key]))

const dimension: Check = given => given === 'requests' || given === 'units' || given === 'bytes'
const vector = (check: Check): Check => fields({ requests: check, units: check, bytes: check })
const clocks = each(fields({ of: dimension, interval: amount, savings: amount }))
const quotas = each(fields({ of: dimension, limit: amount, period: text, endsAt: difference }))
const terms = fields({
  pool: clocks,
  user: clocks,
  quotas,
  lookAhead: amount,
  lead: amount,
  fence: amount,
})
const order = fields({ cost: vector(amount), count: countable, weight: positive, standing: flag })

/** What every kind has besides its name, its terms and its agreement. */
const kinds: Readonly<Record<Happening['kind'], Readonly<Record<string, Check>>>> = {
  request: { actor: name, user: text, order: optional(order) },
  leave: { actor: name },
  settle: { user: text, weight: positive, more: vector(difference) },
  refund: { unused: vector(difference) },
  pause: { user: optional(text), us: amount, cut: flag },
  resume: { user: optional(text) },
  hold: { origin: name, us: amount },
  set: { pool: optional(clocks) },
  tick: {},
}

/** What an operator does as well, who does not know the limits. */
const isOfAnybody = (kind: string): boolean => ['leave', 'pause', 'resume', 'hold', 'set'].includes(kind)

const happening: Check = given => {
  const { kind } = (given ?? {}) as { kind?: unknown }
  if (typeof kind !== 'string' || !Object.hasOwn(kinds, kind)) return false
  const own = kinds[kind as Happening['kind']]
  return fields({
    kind: text,
    terms: isOfAnybody(kind) ? optional(terms) : terms,
    agreement: optional(text),
    ...own,
  })(given)
}

/** What can be asked, and how it must look. */
const asks: readonly Check[] = [
  fields({ id: amount, open: name, protocol: amount }),
  fields({ id: amount, call: happening }),
  fields({ id: amount, status: given => given === true }),
  fields({ id: amount, listen: name }),
  fields({ id: amount, unlisten: name }),
]

/** The request that `line` is; where it is none, its id as far as it has one. Never throws. */
export const readRequest = (
  line: string,
): Request | { readonly id: number | undefined; readonly error: string } => {
  let given: unknown
  try {
    given = JSON.parse(line)
  } catch {
    return { id: undefined, error: 'expected a line of JSON' }
  }
  if (asks.some(check => check(given))) return given as Request
  const { id } = (given ?? {}) as { id?: unknown }
  return { id: typeof id === 'number' ? id : undefined, error: 'expected a request that this version knows' }
}
