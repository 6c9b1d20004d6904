import t from 'tap'
import { meter } from '../../lib/rate/meter.js'

/** What arrives at which moment, and what the meter must have seen then. */
const cases: [string, [at: number, bytes: number][], { total: number; worstSecond: number; rate: number }][] =
  [
    ['nothing', [], { total: 0, worstSecond: 0, rate: 0 }],
    ['one arrival', [[0, 100]], { total: 100, worstSecond: 100, rate: 100 }],
    [
      'a second that spans no full second of the clock',
      [
        [500, 100],
        [1400, 100],
      ],
      { total: 200, worstSecond: 200, rate: 200 },
    ],
    [
      'what is a second apart is not in the same second',
      [
        [0, 100],
        [1000, 100],
      ],
      { total: 200, worstSecond: 100, rate: 100 },
    ],
    [
      'a busy second is remembered after calm ones',
      [
        [0, 1000],
        [10_000, 1],
      ],
      { total: 1001, worstSecond: 1000, rate: 1 },
    ],
    [
      'a long silence forgets everything that came before',
      [
        [0, 1000],
        [980, 1000],
        [86_400_000, 5],
      ],
      { total: 2005, worstSecond: 2000, rate: 5 },
    ],
    [
      'silence longer than a bin leaves the bins in between empty',
      [
        [0, 10],
        [400, 20],
        [1399, 30],
      ],
      { total: 60, worstSecond: 50, rate: 50 },
    ],
  ]

t.test('the worst second and the rate of the last one are known to the width of a bin', t => {
  for (const [title, arrivals, result] of cases) {
    // A clock that did not begin at 0, as that of a process.
    let now = 12_340
    const metered = meter(() => now)
    for (const [at, bytes] of arrivals) {
      now = 12_340 + at
      metered.add(bytes)
    }
    t.strictSame(
      { total: metered.total, worstSecond: metered.worstSecond, rate: metered.rate() },
      result,
      title,
    )
  }
  t.end()
})

t.test('the rate falls to nothing when nothing arrives', t => {
  let now = 0
  const metered = meter(() => now)
  metered.add(100)
  now = 979
  t.equal(metered.rate(), 100)
  now = 1000
  t.equal(metered.rate(), 0)
  t.equal(metered.worstSecond, 100)
  t.end()
})

t.test('a steady rate is told as it is', t => {
  let now = 0
  const metered = meter(() => now)
  for (; now < 10_000; now += 7) metered.add(700)
  t.ok(Math.abs(metered.rate() - 100_000) <= 2 * 2000, `${metered.rate()}`)
  t.ok(metered.worstSecond >= 98_000 && metered.worstSecond <= 101_000, `${metered.worstSecond}`)
  t.end()
})

t.test('it counts by the clock of the process unless told otherwise', t => {
  const metered = meter()
  metered.add(1)
  t.equal(metered.rate(), 1)
  t.end()
})
