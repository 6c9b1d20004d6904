import { setTimeout } from 'node:timers/promises'
import t from 'tap'
import { manualClock } from '../../fixtures/clock.js'
import { ledgerKeeper } from '../../fixtures/ledger-keeper.js'
import { termsFor } from '../../fixtures/ledger-world.js'
import { SyncError } from '../../lib/errors.js'
import { halting } from '../../lib/flow/halt.js'
import { resolve } from '../../lib/options/resolve.js'
import type { Keeper } from '../../lib/pool/keeper.js'
import { openJoinedPool } from '../../lib/run/open-joined-pool.js'

const never = new AbortController().signal
const claimant = { origin: 'http://a', signal: never }

/** A ledger whose time is that of this process. */
const realTime = (): Keeper => {
  const clock = { ...manualClock(), now: () => performance.now(), sleep: async () => {} }
  const keeper = ledgerKeeper(clock)
  return { ...keeper, call: async happening => ({ ...(await keeper.call(happening)), wallTime: Date.now() }) }
}

const optionsOf = (given: object) => ({ ...resolve({ out: 'd', pool: 'local:', ...given }), pool: 'local:' })

const open = async (given: object, keeper = realTime()) => {
  const halt = halting({ graceMs: 1 })
  const pool = await openJoinedPool(optionsOf(given), { halt, observe: undefined, open: async () => keeper })
  t.teardown(() => pool.leave().finally(halt.close))
  return { halt, pool }
}

t.test('a run in a pool has the limits that its options name', async t => {
  const { pool } = await open({ bwlimit: '50mbit', tpslimit: 20 })
  t.equal(pool.rate(), 6_250_000)
  t.equal(pool.requestRate(), 20)
  t.equal(pool.highestRate(), 6_250_000)
  const started = performance.now()
  for (let n = 0; n < 4; n++) t.ok(await pool.grant({ requests: 1, bytes: 100 }, claimant))
  t.ok(performance.now() - started >= 140, 'one each 50 ms, or later')
})

t.test('a quota that is spent for longer than a Retry-After may last ends the run', async t => {
  const { halt, pool } = await open({ quota: '3/d' })
  for (let n = 0; n < 3; n++) await pool.grant({ requests: 1, bytes: 0 }, claimant)
  await setTimeout(150)
  t.equal(halt.error, undefined, 'who needs no more than there was is not ended')
  const over = new Promise(resolve => halt.halted.addEventListener('abort', resolve))
  pool.grant({ requests: 1, bytes: 0 }, claimant).catch(() => {})
  await over
  t.match(halt.error, {
    code: 'ERR_QUOTA',
    message: /^the quota of 3 requests is used up for \d{4}-/,
    resumeAt: /T00:00:00\.000Z$/,
  })
})

t.test('a pool that cannot be reached, or is in use with other limits, is refused', async t => {
  const halt = halting({ graceMs: 1 })
  t.teardown(halt.close)
  const refusing = async (): Promise<Keeper> => {
    throw new SyncError('ERR_POOL', 'a wrong password')
  }
  const message = 'a wrong password'
  await t.rejects(openJoinedPool(optionsOf({}), { halt, observe: undefined, open: refusing }), { message })
  let closed = 0
  const keeper = { ...realTime(), close: async () => void closed++ }
  const open = async () => keeper
  await keeper.call({ kind: 'tick', terms: termsFor(1), agreement: 'tpslimit 1' })
  await t.rejects(openJoinedPool(optionsOf({ tpslimit: 2 }), { halt, observe: undefined, open }), {
    code: 'ERR_POOL',
    message: /other limits: expected tpslimit 1, got tpslimit 2$/,
  })
  t.equal(closed, 1)
})

t.test('an interrupt ends the wait for a pool at once, and one that comes later is let go', async t => {
  const interruption = new AbortController()
  const halt = halting({ graceMs: 1, signal: interruption.signal })
  t.teardown(halt.close)
  let come = (_keeper: Keeper) => {}
  const open = () => new Promise<Keeper>(resolve => (come = resolve))
  const opened = openJoinedPool(optionsOf({}), { halt, observe: undefined, open })
  interruption.abort()
  await t.rejects(opened, { code: 'ERR_ABORTED' })
  await new Promise<void>(resolve => come({ ...realTime(), close: async () => resolve() }))
})
