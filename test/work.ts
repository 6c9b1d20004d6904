import t from 'tap'
import { beginAttempt, newWork, workOf } from '../lib/work.js'

t.test('new work has cost nothing and begins now', async t => {
  const before = performance.now()
  const { startedAt, ...work } = newWork()
  t.match(work, { received: 0, attempts: 0, activeMs: 0, window: { bytes: 0, ms: 0 } })
  t.ok(before <= startedAt && startedAt <= performance.now())
})

t.test('a further attempt is counted, and its rate owes nothing to the one before', t => {
  const work = newWork()
  Object.assign(work.window, { bytes: 5, ms: 900 })
  beginAttempt(work)
  t.match(work, { attempts: 1, window: { bytes: 0, ms: 0 } })
  t.end()
})

t.test('work that holds no slot rests by waiting', async t => {
  t.equal(await newWork().rest(async () => 'waited'), 'waited')
  await t.rejects(
    newWork().rest(() => Promise.reject(new Error('in vain'))),
    { message: 'in vain' },
  )
})

t.test('work that holds a slot rests as its owner has it', async t => {
  const steps: string[] = []
  const work = newWork(async wait => {
    steps.push('slot given away')
    const waited = await wait()
    steps.push('slot taken')
    return waited
  })
  t.equal(await work.rest(async () => steps.push('waited')), 2)
  t.strictSame(steps, ['slot given away', 'waited', 'slot taken'])
})

t.test('work that others wait for keeps its slot', async t => {
  const work = newWork(() => Promise.reject(new Error('the slot was given away')))
  work.keepsSlot = true
  t.equal(await work.rest(async () => 5), 5)
})

t.test('a stage that is called without work has work of its own', async t => {
  const work = newWork()
  t.equal(workOf(work), work)
  for (const none of [undefined, 'utf8', null]) t.match(workOf(none), { received: 0, attempts: 0 })
})
