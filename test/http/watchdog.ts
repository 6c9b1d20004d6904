import t from 'tap'
import { manualClock } from '../../fixtures/clock.js'
import type { SyncError } from '../../lib/errors.js'
import { type Watchdog, type WatchdogOptions, watchdog } from '../../lib/http/watchdog.js'
import { newWindow } from '../../lib/work.js'

/** An exchange that is watched from moment 0. */
const watch = (options: Partial<WatchdogOptions> = {}) => {
  const clock = manualClock()
  const expired: [ms: number, error: SyncError][] = []
  const dog = watchdog({
    clock,
    timeoutMs: 1000,
    stallMs: 500,
    minRate: 0,
    window: newWindow(),
    remainingMs: Number.POSITIVE_INFINITY,
    expire: error => expired.push([clock.now(), error]),
    ...options,
  })
  return { clock, dog, expired }
}

type Event = keyof Omit<Watchdog, 'data'> | number

t.test('time runs out at its moment, and says what of', async t => {
  const timeout = { code: 'ERR_TIMEOUT', scope: 'attempt' }
  const stalled = { code: 'ERR_STALLED', scope: 'attempt' }
  const slow = { code: 'ERR_TOO_SLOW', scope: 'attempt' }
  const tooLong = { code: 'ERR_TOO_SLOW', scope: 'entry' }
  const minRate = { minRate: 1000 }
  const cases: [string, Partial<WatchdogOptions>, [at: number, Event][], [number, object] | undefined][] = [
    ['no headers', {}, [], [1000, timeout]],
    ['headers in time', {}, [[999, 'head']], [1499, stalled]],
    [
      'a byte in time',
      {},
      [
        [100, 'head'],
        [599, 1],
        [1098, 1],
      ],
      [1598, stalled],
    ],
    [
      'a body that has come to its end',
      {},
      [
        [100, 'head'],
        [200, 'stop'],
      ],
      undefined,
    ],
    [
      'a pause counts for nothing',
      {},
      [
        [100, 'head'],
        [200, 'pause'],
        [90_000, 'resume'],
      ],
      [90_500, stalled],
    ],
    [
      'a body that is paused for ever',
      {},
      [
        [100, 'head'],
        [200, 'pause'],
      ],
      undefined,
    ],
    [
      'a pause within a pause is no more time that an asset takes',
      { remainingMs: 800, stallMs: 5000 },
      [
        [100, 'head'],
        [200, 'pause'],
        [700, 'pause'],
        [5000, 'resume'],
      ],
      [5600, tooLong],
    ],
    ['an asset that took too long before', { remainingMs: -5 }, [], [0, tooLong]],
    ['an asset that takes too long for its headers', { remainingMs: 800 }, [], [800, tooLong]],
    [
      'an asset that takes too long for its body',
      { remainingMs: 800 },
      [
        [100, 'head'],
        [400, 1],
        [700, 1],
      ],
      [800, tooLong],
    ],
    [
      'a pause is no time that an asset takes',
      { remainingMs: 800 },
      [
        [500, 'head'],
        [600, 'pause'],
        [5600, 'resume'],
      ],
      [5800, tooLong],
    ],
    [
      'a body slower than the least rate',
      minRate,
      [
        [100, 'head'],
        [200, 100],
        [400, 100],
      ],
      [600, slow],
    ],
    [
      'a body slower than the least rate, where silence may last',
      { ...minRate, stallMs: Number.POSITIVE_INFINITY },
      [
        [100, 'head'],
        [20_000, 1000],
      ],
      [30_100, slow],
    ],
    [
      'a body that slows down',
      minRate,
      [
        [100, 'head'],
        [200, 10_000],
        [600, 10],
        [900, 10],
      ],
      [1100, slow],
    ],
    [
      'a body at the least rate',
      minRate,
      [
        [100, 'head'],
        [500, 500],
        [990, 500],
        [1450, 0],
        [1480, 500],
        [1580, 'stop'],
      ],
      undefined,
    ],
    [
      'waiting for the cap makes no body slow',
      minRate,
      [
        [100, 'head'],
        [200, 250],
        [210, 'pause'],
        [9000, 'resume'],
        [9100, 250],
        [9390, 500],
        [9500, 'stop'],
      ],
      undefined,
    ],
    ['a least rate says nothing of headers', minRate, [], [1000, timeout]],
  ]
  for (const [title, options, events, result] of cases) {
    const { clock, dog, expired } = watch(options)
    for (const [at, event] of events) {
      await clock.advance(at - clock.now())
      if (typeof event === 'number') dog.data(event)
      else dog[event]()
    }
    await clock.advance(200_000)
    t.match(expired, result ? [result] : [], title)
    t.equal(expired.length, result ? 1 : 0, `${title}: once`)
    dog.stop()
  }
})

t.test('the end tells the milliseconds that counted', async t => {
  const { clock, dog } = watch()
  await clock.advance(100)
  dog.head()
  await clock.advance(100)
  dog.pause()
  await clock.advance(10_000)
  t.equal(dog.stop(), 200, 'also where the end comes in a pause')
  const { clock: other, dog: second } = watch()
  second.head()
  second.pause()
  await other.advance(5000)
  second.resume()
  await other.advance(30)
  t.equal(second.stop(), 30)
})

t.test('the rate is that of all exchanges of an attempt, and of nothing between them', async t => {
  for (const [name, bytes, at] of [
    ['too slow', 100, 1200],
    ['fast enough', 250, undefined],
  ] as const) {
    const window = newWindow()
    const clock = manualClock()
    const expired: [number, string][] = []
    for (let range = 0; range < 5; range++) {
      const dog = watchdog({
        clock,
        timeoutMs: 1000,
        stallMs: 500,
        minRate: 1000,
        window,
        remainingMs: Number.POSITIVE_INFINITY,
        expire: error => expired.push([clock.now(), error.code]),
      })
      // Its headers take a while, and so does the grant for the next range.
      await clock.advance(100)
      dog.head()
      await clock.advance(200)
      dog.data(bytes)
      dog.stop()
      if (expired.length > 0) break
      await clock.advance(200)
    }
    t.strictSame(expired, at ? [[at, 'ERR_TOO_SLOW']] : [], name)
  }
})

t.test('a process that stood still does not blame the origin', async t => {
  for (const isBody of [false, true]) {
    const manual = manualClock()
    let stood = 0
    const expired: number[] = []
    const dog = watchdog({
      clock: { now: () => manual.now() + stood, after: manual.after },
      timeoutMs: 500,
      stallMs: 500,
      minRate: 1,
      window: newWindow(),
      remainingMs: 60_000,
      expire: () => expired.push(manual.now()),
    })
    if (isBody) dog.head()
    await manual.advance(400)
    // Stopped for an hour, as by SIGSTOP: the timer is late by that much.
    stood = 3_600_000
    await manual.advance(100)
    t.strictSame(expired, [], 'what has arrived meanwhile can still be read')
    await manual.advance(500)
    t.strictSame(expired, [1000], 'and if nothing has, it is over')
    t.ok(dog.stop() <= 1000)
  }
})
