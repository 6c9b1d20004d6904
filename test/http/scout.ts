import { setImmediate } from 'node:timers/promises'
import t from 'tap'
import { originBook } from '../../lib/http/origins.js'
import { scout } from '../../lib/http/scout.js'

const open = () => {
  const facts = originBook().of('http://a')
  const halt = new AbortController()
  const gone: number[] = []
  let resting = 0
  let prepared = 0
  const rest = async <T>(wait: () => Promise<T>): Promise<T> => {
    resting++
    try {
      return await wait()
    } finally {
      resting--
    }
  }
  /** Asks for leave to go, as the `n`th. */
  const ask = async (n: number) => {
    const report = await scout(facts, { signal: halt.signal, rest, prepare: () => prepared++ })
    gone.push(n)
    return report
  }
  return { halt, gone, ask, resting: () => resting, prepared: () => prepared }
}

t.test('the first one goes, and the others when it reports', async t => {
  const { gone, ask, resting, prepared } = open()
  const report = await ask(0)
  const others = [ask(1), ask(2)]
  await setImmediate()
  t.strictSame(gone, [0])
  t.equal(resting(), 2, 'who waits holds no slot')
  t.equal(prepared(), 2, 'and gets ready')
  report()
  await Promise.all(others)
  t.strictSame(gone, [0, 1, 2])
  await ask(3)
  t.strictSame(gone, [0, 1, 2, 3], 'later ones do not wait at all')
  t.equal(prepared(), 2)
})

t.test('nobody waits when the run ends', async t => {
  const { halt, gone, ask } = open()
  await ask(0)
  const other = ask(1)
  halt.abort()
  await other
  t.strictSame(gone, [0, 1])
})
