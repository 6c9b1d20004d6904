import t from 'tap'
import { Roster } from '../lib/roster.js'

const member = (name: string) => ({ name, seat: -1 })

t.test('who has entered is there until it leaves, whatever the order', async t => {
  const roster = new Roster<ReturnType<typeof member>>()
  const [a, b, c] = [member('a'), member('b'), member('c')]
  const names = () =>
    roster
      .all()
      .map(({ name }) => name)
      .sort()
      .join('')
  for (const each of [a, b, c]) roster.enter(each)
  t.equal(roster.size, 3)
  roster.leave(a)
  t.equal(names(), 'bc')
  roster.leave(c)
  t.equal(names(), 'b')
  roster.enter(a)
  t.equal(names(), 'ab')
  roster.leave(b)
  roster.leave(a)
  t.equal(roster.size, 0)
})

t.test('who is not there cannot leave, and takes nobody along', async t => {
  const roster = new Roster<ReturnType<typeof member>>()
  const [here, gone] = [member('here'), member('gone')]
  roster.enter(gone)
  roster.leave(gone)
  roster.enter(here)
  roster.leave(gone)
  roster.leave(member('never'))
  t.strictSame(roster.all(), [here])
})

t.test('all are met by who makes them leave', async t => {
  const roster = new Roster<ReturnType<typeof member>>()
  for (const name of 'abcdef') roster.enter(member(name))
  const met = roster.all().map(each => {
    roster.leave(each)
    return each.name
  })
  t.equal(met.join(''), 'abcdef')
  t.equal(roster.size, 0)
})
