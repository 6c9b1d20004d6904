import t from 'tap'
import { entryOf } from '../../fixtures/entries.js'
import { together } from '../../lib/flow/together.js'
import { type Item, isOutcome, unchanged } from '../../lib/outcome.js'

const settled = (item: Item): Item => (isOutcome(item) ? item : unchanged(item, 'exists'))
const group = [0, 1, 2].map(index => entryOf(index))

t.test('what a stage answers at once comes back at once, in the same order', t => {
  const passed = together(settled)(group)
  t.ok(Array.isArray(passed))
  t.match(passed, [{ index: 0, by: 'exists' }, { index: 1 }, { index: 2 }])
  t.end()
})

t.test('a group waits for those of it that wait, and no order changes', async t => {
  const passed = together(item => (item.index === 1 ? Promise.resolve(settled(item)) : settled(item)))(group)
  t.notOk(Array.isArray(passed))
  t.match(await passed, [{ index: 0 }, { index: 1, by: 'exists' }, { index: 2 }])
})
