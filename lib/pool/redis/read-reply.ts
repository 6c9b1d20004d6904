import { SyncError } from '../../errors.js'
import type { ClockTerms, Dimension, LedgerGrant, QuotaTerms } from '../../ledger/terms.js'
import type { Answer, Push, Snapshot, Status } from '../keeper.js'

/** Longer texts than this are not from the ledger. */
const mostCharacters = 1 << 20

/** What the script answers to `actor`, whose terms have `quotas`. Throws ERR_POOL for anything else. */
export const readAnswer = (text: unknown, actor: string, quotas: readonly QuotaTerms[]): Answer => {
  const read = readerOf(text)
  return {
    ...snapshotOf(read),
    wallTime: read.number('wallTime'),
    grants: grantsOf(read, actor),
    pollAt: read.maybeNumber('pollAt'),
    spent: quotas[read.maybeNumber('spent') ?? -1],
    disagreement: read.maybeText('disagreement'),
    actors: read.number('actors'),
  }
}

/** What `actor` hears on a channel. Throws ERR_POOL for what anybody else may have published there. */
export const readPush = (text: string, actor: string): Push => {
  const read = readerOf(text)
  return { ...snapshotOf(read), grants: grantsOf(read, actor) }
}

/** The status of a ledger. Throws ERR_POOL for anything else. */
export const readStatus = (text: unknown): Status => {
  const read = readerOf(text)
  const [requests = 0, units = 0, bytes = 0] = read.list('granted').map(demandNumber)
  return {
    ...snapshotOf(read),
    clocks: clocksOf(read.list('clocks')),
    agreement: read.maybeText('agreement'),
    users: read.list('users').map(item => {
      const user = fieldsOf(item)
      return {
        user: decoded(user.text('user')),
        weight: user.number('weight'),
        actors: user.number('actors'),
        waiting: user.number('waiting'),
        pausedUntil: user.number('pausedUntil'),
      }
    }),
    granted: { requests, units, bytes },
    used: read.list('used').map(item => {
      const usage = fieldsOf(item)
      return { of: usage.text('of'), period: usage.text('period'), amount: usage.number('amount') }
    }),
  }
}

const snapshotOf = (read: Reader): Snapshot => ({
  now: read.number('now'),
  epoch: read.number('epoch'),
  pausedUntil: read.number('pausedUntil'),
  factor: read.number('factor'),
  holds: read.list('holds').map(item => {
    const [origin, until] = demandList(item)
    return [decoded(demandText(origin)), demandNumber(until)] as const
  }),
  set: read.has('set') ? clocksOf(read.list('set')) : undefined,
})

const dimensions: ReadonlySet<string> = new Set<Dimension>(['requests', 'units', 'bytes'])

const clocksOf = (items: readonly unknown[]): ClockTerms[] =>
  items.map(item => {
    const clock = fieldsOf(item)
    const of = clock.text('of')
    if (!dimensions.has(of)) throw strange()
    return { of: of as Dimension, interval: clock.number('interval'), savings: clock.number('savings') }
  })

const grantsOf = (read: Reader, actor: string): LedgerGrant[] =>
  read.list('grants').map(item => {
    const numbers = demandList(item).map(demandNumber)
    if (numbers.length !== 8) throw strange()
    const [slot, count, spacing, requests, units, bytes, epoch, serial] = numbers as [
      number,
      number,
      number,
      number,
      number,
      number,
      number,
      number,
    ]
    return { actor, serial, slot, count, spacing, cost: { requests, units, bytes }, epoch }
  })

const strange = (): SyncError => new SyncError('ERR_POOL', 'what came from the pool cannot be understood')

type Reader = ReturnType<typeof fieldsOf>

const readerOf = (text: unknown): Reader => {
  if (typeof text !== 'string' || text.length > mostCharacters) throw strange()
  try {
    return fieldsOf(JSON.parse(text))
  } catch {
    throw strange()
  }
}

const fieldsOf = (item: unknown) => {
  if (typeof item !== 'object' || item === null) throw strange()
  const fields = item as Record<string, unknown>
  const has = (name: string): boolean => fields[name] !== undefined
  return {
    has,
    number: (name: string): number => demandNumber(fields[name]),
    text: (name: string): string => demandText(fields[name]),
    maybeNumber: (name: string): number | undefined => (has(name) ? demandNumber(fields[name]) : undefined),
    maybeText: (name: string): string | undefined => (has(name) ? demandText(fields[name]) : undefined),
    list: (name: string): readonly unknown[] => demandList(fields[name]),
  }
}

const demandNumber = (item: unknown): number => {
  if (typeof item !== 'number' || !Number.isFinite(item)) throw strange()
  return item
}

const demandText = (item: unknown): string => {
  if (typeof item !== 'string') throw strange()
  return item
}

const demandList = (item: unknown): readonly unknown[] => {
  // Lua does not tell an empty list from an empty object, and its JSON may say either.
  if (!Array.isArray(item)) throw strange()
  return item
}

/** Names were encoded; what was not has another author, and stands as it is. */
const decoded = (name: string): string => {
  try {
    return decodeURIComponent(name)
  } catch {
    return name
  }
}
