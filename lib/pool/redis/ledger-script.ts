import { budgetLua } from './lua/budget.js'
import { grantsLua } from './lua/grants.js'
import { operationLua } from './lua/operation.js'
import { pushBackLua } from './lua/push-back.js'
import { queueLua } from './lua/queue.js'
import { stateLua } from './lua/state.js'
import { stepLua } from './lua/step.js'
import { tellLua } from './lua/tell.js'
import { usersLua } from './lua/users.js'

/** The server's time, in microseconds since 1970: every actor lives by this clock, and by no other. */
const serverClock = `
local time = redis.call('TIME')
local wall = time[1] * 1000000 + time[2]
`

/**
 * The ledger as a script for Redis 6.2 and later, which does what `step` of lib/ledger/step.ts does and leads to the same grants bit for bit.
 * KEYS are those of `keysOf`, ARGV the server's run_id and an operation as JSON. `clock` sets `wall`: a test has another one.
 */
export const ledgerScript = (clock = serverClock): string =>
  [
    clock,
    stateLua,
    usersLua,
    queueLua,
    budgetLua,
    pushBackLua,
    grantsLua,
    tellLua,
    operationLua,
    stepLua,
  ].join('')

/** What the ledger of the pool `name` is kept in: a fixed number of keys, all in one slot of a cluster. */
export const keysOf = (name: string): string[] =>
  // biome-ignore format: words
  ['state', 'users', 'earlier', 'queue', 'parked', 'orders', 'actors', 'seen', 'holds', 'used'].map(key => `${prefixOf(name)}${key}`)

/** How keys and channels of the pool `name` begin. */
export const prefixOf = (name: string): string => `sluice:{${encodeName(name)}}:`

/** A name without what means something in keys, channels and sorted sets: other names stay others. */
export const encodeName = (name: string): string =>
  encodeURIComponent(name.toWellFormed()).replaceAll(
    /[!'()*~]/g,
    character => `%${character.charCodeAt(0).toString(16)}`,
  )
