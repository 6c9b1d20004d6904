import t from 'tap'
import { ledgerTime } from '../../lib/pool/ledger-time.js'

t.test(
  'of several answers the one that was heard soonest tells when a moment is, and none maps it early',
  async t => {
    const time = ledgerTime()
    // The ledger was made at 1000 ms; answers take 5, 2 and 9 ms to arrive.
    time.note(100_000, 1105)
    t.equal(time.local(200_000), 1205)
    time.note(200_000, 1202)
    t.equal(time.local(300_000), 1302)
    time.note(300_000, 1309)
    t.equal(time.local(300_000), 1302)
    t.equal(time.ledger(1302), 300_000)
  },
)

t.test('what is known is renewed, since clocks drift apart', async t => {
  const time = ledgerTime()
  time.note(0, 1000)
  time.note(6_000_000, 7003)
  t.equal(time.local(7_000_000), 8000, 'the last seconds still count')
  time.note(12_000_000, 13_003)
  t.equal(time.local(13_000_000), 14_003, 'those before do not')
  time.note(60_000_000, 61_007)
  t.equal(time.local(61_000_000), 62_007, 'nor does anything after a long silence')
})

t.test('a ledger that was made anew counts from another moment', async t => {
  const time = ledgerTime()
  time.note(50_000_000, 51_000)
  time.forget()
  time.note(1000, 52_000)
  t.equal(time.local(2000), 52_001)
})
