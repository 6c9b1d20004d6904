import fc from 'fast-check'
import t from 'tap'
import { bucket } from '../../lib/rate/bucket.js'

t.test('it starts empty and grants a piece when all of it has accrued', async t => {
  const b = bucket({ rate: 1000, burst: 100, now: 0 })
  t.equal(b.wait(500, 0), 500)
  t.equal(b.wait(500, 499), 1)
  t.equal(b.wait(500, 500), 0)
  b.take(500, 500)
  t.equal(b.wait(500, 500), 500)
})

t.test('idle, it saves no more than its burst', async t => {
  const b = bucket({ rate: 1000, burst: 100, now: 0 })
  b.rest(10_000)
  t.equal(b.wait(100, 10_000), 0)
  t.equal(b.wait(300, 10_000), 200)
})

t.test('a timer that fires late costs nothing, up to one burst', async t => {
  const b = bucket({ rate: 1000, burst: 100, now: 0 })
  t.equal(b.wait(500, 550), 0)
  b.take(500, 550)
  t.equal(b.wait(50, 550), 0, '50 ms late: 50 tokens are still there')
  const stalled = bucket({ rate: 1000, burst: 100, now: 0 })
  stalled.take(500, 60_000)
  t.equal(stalled.wait(100, 60_000), 0)
  t.equal(stalled.wait(101, 60_000), 1, 'a stalled process does not make up for a minute')
})

t.test('what is given back can be taken again, and a debt is waited for', async t => {
  const b = bucket({ rate: 1000, burst: 100, now: 0 })
  b.take(500, 500)
  b.put(400)
  t.equal(b.wait(500, 500), 100)
  b.put(-900)
  t.equal(b.wait(0, 500), 500)
})

t.test('a new rate holds from its moment on', async t => {
  const b = bucket({ rate: 1000, burst: 100, now: 0 })
  b.setRate(2000, 200, 50)
  t.equal(b.wait(150, 50), 50)
  b.setRate(Number.POSITIVE_INFINITY, 0, 60)
  t.equal(b.wait(1e9, 60), 0)
  b.take(1e9, 60)
  b.setRate(1000, 100, 70)
  t.equal(b.wait(100, 70), 100, 'a cap that was off left neither debt nor savings')
})

t.test('a new rate takes nothing from what has accrued for who waits', t => {
  const tokens = bucket({ rate: 1000, burst: 100, now: 0 })
  t.equal(tokens.wait(1000, 0), 1000)
  tokens.setRate(2000, 100, 900)
  t.equal(tokens.wait(1000, 900), 50)
  tokens.take(1000, 950)
  tokens.rest(10_000)
  tokens.setRate(1000, 100, 20_000)
  t.equal(tokens.wait(200, 20_000), 100, 'nobody waited')
  t.end()
})

t.test('in no window more is taken than the rate allows plus one burst and the last piece', async () => {
  const pieces = fc.array(
    fc.record({ amount: fc.integer({ min: 1, max: 1000 }), idle: fc.integer({ min: 0, max: 300 }) }),
    {
      minLength: 1,
      maxLength: 60,
    },
  )
  fc.assert(
    fc.property(pieces, pieces => {
      const burst = 100
      const b = bucket({ rate: 1000, burst, now: 0 })
      const taken: { at: number; amount: number }[] = []
      let now = 0
      for (const { amount, idle } of pieces) {
        if (idle > 0) {
          now += idle
          b.rest(now)
        }
        now += b.wait(amount, now)
        b.take(amount, now)
        taken.push({ at: now, amount })
      }
      for (let from = 0; from < taken.length; from++) {
        let sum = 0
        for (let to = from; to < taken.length; to++) {
          sum += taken[to]?.amount ?? 0
          const span = (taken[to]?.at ?? 0) - (taken[from]?.at ?? 0)
          const first = taken[from]?.amount ?? 0
          if (sum > span + first + burst + 1e-6) return false
        }
      }
      return true
    }),
  )
})

t.test('a rate or a burst that is none is refused, then and later', async t => {
  t.throws(() => bucket({ rate: 0, burst: 1, now: 0 }), { code: 'ERR_OPTION', message: /^rate: .* got 0/ })
  t.throws(() => bucket({ rate: 1, burst: -1, now: 0 }), { code: 'ERR_OPTION', message: /^burst: .* got -1/ })
  t.throws(() => bucket({ rate: 1, burst: 1, now: 0 }).setRate(Number.NaN, 1, 0), { code: 'ERR_OPTION' })
})
