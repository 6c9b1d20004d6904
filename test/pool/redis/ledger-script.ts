import t from 'tap'
import { randomFrom } from '../../../fixtures/faults/random.js'
import { type Call, ledgerTrace } from '../../../fixtures/ledger-trace.js'
import { hasRedis, startRedis } from '../../../fixtures/redis.js'
import { openLedger } from '../../../lib/ledger/open-ledger.js'
import type { Step } from '../../../lib/ledger/operation.js'
import { step } from '../../../lib/ledger/step.js'
import type { Ledger } from '../../../lib/ledger/terms.js'
import { encodeName, keysOf, ledgerScript } from '../../../lib/pool/redis/ledger-script.js'

/** The clock of a test: microseconds that come with the call. */
const givenClock = 'local wall = tonumber(ARGV[3])\n'

/** What both have to agree on; numbers as doubles, to the last bit. */
const expectedOf = ({ operation }: Call, stepped: Step) => {
  const { state, grants, pollAt, spent, disagreement } = stepped
  return {
    now: state.now,
    epoch: state.epoch,
    pausedUntil: state.pausedUntil,
    factor: state.factor,
    holds: [...state.holds].sort(([a], [b]) => (a < b ? -1 : 1)),
    grants: grants
      .filter(({ actor }) => operation.kind === 'request' && actor === operation.actor)
      .map(({ slot, count, spacing, cost, epoch, serial }) => [
        slot,
        count,
        spacing,
        cost.requests,
        cost.units,
        cost.bytes,
        epoch,
        serial,
      ]),
    pollAt,
    spent: spent && operation.terms?.quotas.indexOf(spent),
    disagreement,
    actors: state.seen.size,
  }
}

const answeredOf = (reply: string) => {
  const { now, epoch, pausedUntil, factor, holds, grants, pollAt, spent, disagreement, actors } =
    JSON.parse(reply)
  holds.sort(([a]: [string], [b]: [string]) => (a < b ? -1 : 1))
  return { now, epoch, pausedUntil, factor, holds, grants, pollAt, spent, disagreement, actors }
}

const total = Number(process.env['TRACES'] ?? 20_000)
const seed = Number(process.env['SEED'] ?? 1)
const [traceLength, batch] = [2_000, 250]

t.test('any trace of operations leads to the same grants in Redis as in TypeScript', async t => {
  if (!hasRedis(t)) return
  const { client } = await startRedis(t)
  const sha = (await client.script('LOAD', ledgerScript(givenClock))) as string
  for (let trace = 0; trace * traceLength < total; trace++) {
    const calls = ledgerTrace(randomFrom(seed * 1e6 + trace))
    let state: Ledger = openLedger()
    const keys = keysOf(`trace ${trace}`)
    for (let done = 0; done < traceLength; done += batch) {
      const pipeline = client.pipeline()
      const expected: unknown[] = []
      const made: Call[] = []
      for (let count = 0; count < batch; count++) {
        const call = calls.next().value as Call
        const { terms, incarnation, stamp: _, ...rest } = call.operation
        pipeline.evalsha(sha, keys.length, ...keys, incarnation, JSON.stringify({ terms, ...rest }), call.now)
        const stepped = step(state, call.now, call.operation)
        state = stepped.state
        made.push(call)
        expected.push(expectedOf(call, stepped))
      }
      const replies = (await pipeline.exec()) ?? []
      for (const [index, [error, reply]] of replies.entries()) {
        const answered = error ? String(error) : answeredOf(reply as string)
        if (JSON.stringify(answered) === JSON.stringify(expected[index])) continue
        t.strictSame(
          answered,
          expected[index],
          `trace ${trace}, call ${done + index}: ${JSON.stringify(made[index])}`,
        )
        return
      }
    }
    await client.del(...keys)
  }
  t.pass(`${total} operations`)
})

t.test('names are told apart, whatever is in them', async t => {
  const names = ['a', 'A', 'a b', 'a%20b', 'a{b}', 'ü', 'a*', "a'", 'a\u0001b', 'a\ud800']
  t.equal(new Set(names.map(encodeName)).size, names.length)
  for (const name of names) t.match(encodeName(name), /^[\w.%-]+$/)
})
