import t from 'tap'
import { manualClock } from '../../fixtures/clock.js'
import { ledgerKeeper } from '../../fixtures/ledger-keeper.js'
import { operate, operatePool } from '../../lib/run/operate-pool.js'

const open = async () => {
  const keeper = ledgerKeeper({ ...manualClock(), sleep: async () => {} })
  const operator = await operate(async () => keeper, 'redis://:secret@host/0', 'shop')
  return { keeper, operator }
}

t.test('an operator pauses, resumes and sets, and asks for nothing itself', async t => {
  const { keeper, operator } = await open()
  t.equal(operator.title, 'pool shop at redis://host/0')
  await operator.pause(1500)
  t.match(await operator.status(), { pausedUntil: 1_500_000 })
  await operator.resume()
  t.match(await operator.status(), { pausedUntil: 0 })
  await operator.pause(10, 'alice')
  await operator.resume('alice')
  await operator.set({ bytesPerSecond: 1_000_000 })
  const { set } = await operator.status()
  t.match(set, [{ of: 'bytes', interval: 1.006 }])
  t.equal(set?.length, 1, 'what is not named stays as processes have it')
  await operator.set()
  t.equal((await operator.status()).set, undefined)
  t.strictSame(
    keeper.calls.map(({ kind }) => kind),
    ['pause', 'resume', 'pause', 'resume', 'set', 'set'],
  )
})

t.test('what can be no pool is refused', async t => {
  await t.rejects(operatePool('http://host', 'shop'), {
    code: 'ERR_OPTION',
    message: /^URL: expected redis:/,
  })
  await t.rejects(operatePool('local:', 'a/b'), { code: 'ERR_OPTION', message: /^NAME: expected/ })
  const { operator } = await open()
  await t.rejects(operator.pause(-1), {
    code: 'ERR_OPTION',
    message: '--for: expected a duration above 0 and of at most 31 days, got -1 ms',
  })
})

t.test('a user without a name is no reason to hold up all of them', async t => {
  const { keeper, operator } = await open()
  for (const act of [() => operator.pause(5, ''), () => operator.resume('')])
    await t.rejects(act(), { code: 'ERR_OPTION', message: /^--user: expected a name/ })
  t.strictSame(keeper.calls, [])
})
