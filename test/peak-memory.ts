import t from 'tap'
import { linesOf, run } from '../fixtures/command.js'
import { peakMemory } from '../lib/peak-memory.js'

t.test('the peak is at least what is resident now', t => {
  t.ok(peakMemory() >= process.memoryUsage.rss() / 2)
  t.end()
})

t.test('a run that a large process started tells its own peak', async t => {
  const large = Buffer.alloc(600 * 2 ** 20, 1)
  const { stderr } = await run(t, ['-o', t.testdir()])
  const [{ peakMemory: told } = { peakMemory: 0 }] = linesOf<{ peakMemory: number }>(stderr)
  t.ok(told > 0 && told < large.length / 2, `${told} bytes`)
})
