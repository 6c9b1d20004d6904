import t from 'tap'
import { manualClock } from '../../fixtures/clock.js'
import { pushBacks } from '../../lib/pool/push-backs.js'

const open = (random = () => 1) => {
  const clock = manualClock()
  return { clock, pushBackMs: pushBacks({ clock, random }) }
}

t.test(
  'each push-back of a series holds things up for twice as long as the last, up to about a minute',
  async t => {
    const { clock, pushBackMs } = open()
    const series: number[] = []
    for (let n = 0; n < 9; n++) {
      const ms = pushBackMs()
      series.push(ms)
      await clock.advance(ms + 1)
    }
    t.strictSame(series, [1000, 2000, 4000, 8000, 16_000, 32_000, 64_000, 64_000, 64_000])
  },
)

t.test('answers to what was asked before the pause are part of the same push-back', async t => {
  const { clock, pushBackMs } = open(() => 0.1)
  t.equal(pushBackMs(), 100)
  await clock.advance(900)
  t.equal(pushBackMs(), 0)
  await clock.advance(200)
  t.equal(pushBackMs(), 200)
})

t.test('after a while of calm a series begins anew', async t => {
  const { clock, pushBackMs } = open()
  pushBackMs()
  await clock.advance(1001)
  t.equal(pushBackMs(), 2000)
  await clock.advance(13_000)
  t.equal(pushBackMs(), 1000)
})
