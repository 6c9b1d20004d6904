import t from 'tap'
import { manualClock } from '../../fixtures/clock.js'
import { openHolds } from '../../lib/rate/holds.js'

t.test('a hold is over when it was said, the longest of several', async t => {
  const clock = manualClock()
  const { hold, holdUntil, heldFor } = openHolds({ clock, random: () => 0 })
  t.equal(heldFor('a'), 0)
  t.ok(hold('a', 500))
  t.notOk(hold('a', 300), 'a shorter one changes nothing')
  t.ok(holdUntil('a', 800))
  t.strictSame([heldFor('a'), heldFor('b')], [800, 0])
  await clock.advance(800)
  t.equal(heldFor('a'), 0)
})

t.test('of very many origins those that may be asked again are forgotten', async t => {
  const clock = manualClock()
  const { hold, heldFor } = openHolds({ clock, random: () => 0 })
  const names = Array.from({ length: 3000 }, (_, n) => `origin ${n}`)
  const remembered = t.capture(Map.prototype, 'set', Map.prototype.set)
  for (const name of names) {
    hold(name, 10)
    await clock.advance(10)
  }
  const [held] = remembered()
    .map(({ receiver }) => receiver as Map<string, number>)
    .filter(map => map.has(names[2999] ?? ''))
  t.ok((held?.size ?? 3000) <= 1024, `${held?.size}`)
  t.equal(heldFor('origin 5'), 0)
})

t.test('who was told the same moment comes back a little apart, by a second at most', async t => {
  const { hold, heldFor } = openHolds({ clock: manualClock(), random: () => 1 })
  hold('short', 1000)
  hold('long', 3_600_000)
  t.strictSame([heldFor('short'), heldFor('long')], [1100, 3_601_000])
})

t.test('who waits for an origin hears when it may be asked, also where the hold grows meanwhile', async t => {
  const clock = manualClock()
  const { hold, released } = openHolds({ clock, random: () => 0 })
  hold('a', 100)
  let isOver = false
  const over = released('a', new AbortController().signal).then(() => {
    isOver = true
  })
  hold('a', 300)
  await clock.advance(299)
  t.notOk(isOver)
  await clock.advance(1)
  await over
  hold('a', 100)
  await t.rejects(released('a', AbortSignal.abort(new Error('enough'))), { message: 'enough' })
})
