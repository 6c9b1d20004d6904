import { once } from 'node:events'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import t from 'tap'
import { memorySink } from '../../fixtures/memory-sink.js'
import { customSink } from '../../lib/files/custom-sink.js'
import { parseIntegrity } from '../../lib/integrity.js'
import type { Sink, SinkContext, Upload } from '../../lib/sink.js'

const never = new AbortController().signal
const context = { digest: 'sha256', halted: never, aborted: never } as const
const opening = { urlKey: 'key', resume: true }

t.test('a draft is committed to the sink with what is known of the asset', async t => {
  const told: unknown[] = []
  const sink: Sink = {
    stat: () => ({ bytes: 3, mtimeMs: 5 }),
    create: path => ({
      write() {},
      commit(facts) {
        told.push(path, facts)
        return { bytes: facts.bytes, mtimeMs: 5 }
      },
      discard() {},
    }),
  }
  const { open, stat } = customSink(sink, context)
  const draft = await open({ path: 'a' }, opening)
  t.equal(draft.resumed, undefined, 'nothing was kept of a former run')
  await pipeline(Readable.from(['abc']), draft)
  const committed = { bytes: 3, digest: 'sha256-ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0=' }
  t.strictSame(await draft.commit({ lastModified: 'yesterday', type: 'image/png' }), {
    ...committed,
    mtimeMs: 5,
  })
  t.strictSame(told, ['a', { ...committed, lastModified: 'yesterday', type: 'image/png' }])
  t.strictSame(await stat('a'), { bytes: 3, mtimeMs: 5 })
})

t.test('a sink may change the bytes it is handed where they lie', async t => {
  const facts: unknown[] = []
  const sink: Sink = {
    stat: () => undefined,
    create: () => ({
      write: chunk => void chunk.fill('x'),
      commit(told) {
        facts.push(told.digest)
        return { bytes: told.bytes }
      },
      discard() {},
    }),
  }
  const draft = await customSink(sink, context).open({ path: 'a' }, opening)
  await pipeline(Readable.from([Buffer.from('abc')]), draft)
  await draft.commit({})
  t.strictSame(facts, ['sha256-ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0='])
})

t.test('bytes that are not those demanded never get as far as the commit', async t => {
  const sink = memorySink()
  const integrity = parseIntegrity('md5-AAAAAAAAAAAAAAAAAAAAAA==')
  const draft = await customSink(sink, context).open({ path: 'a' }, { ...opening, integrity })
  draft.write('abc')
  await t.rejects(draft.verify({ size: 4 }), { code: 'ERR_BODY_SHORT' })
  await t.rejects(draft.verify({ size: 3 }), { code: 'ERR_INTEGRITY' })
  await draft.abandon({ keep: true })
  t.strictSame(sink.log, ['create', 'write', 'discard'])
})

t.test('what stands is looked up, and a sink without times has none', async t => {
  const sink = memorySink()
  const { stat } = customSink(sink, context)
  t.equal(await stat('a'), undefined)
  sink.files.set('a', Buffer.from('abc'))
  t.strictSame(await stat('a'), { bytes: 3 })
  const failing = customSink(
    memorySink(() => {
      throw new Error('no answer')
    }),
    context,
  )
  await t.rejects(failing.stat('a'), { code: 'ERR_DESTINATION', message: 'the sink failed: no answer' })
})

t.test('the end of the run ends looking at once, and uploads a grace later', async t => {
  const [halt, abort] = [new AbortController(), new AbortController()]
  const aborted = async ({ signal }: SinkContext): Promise<never> => {
    await once(signal, 'abort')
    throw signal.reason
  }
  const sink: Sink = {
    stat: (_path, context) => aborted(context),
    create: (_path, context) => aborted(context) as Promise<Upload>,
  }
  const { stat, open } = customSink(sink, { digest: 'none', halted: halt.signal, aborted: abort.signal })
  const looking = t.rejects(stat('a'), { code: 'ERR_ABORTED' })
  const draft = await open({ path: 'a' }, opening)
  draft.write('abc')
  halt.abort()
  await looking
  t.notOk(draft.errored)
  abort.abort()
  await t.rejects(draft.flushed(), { code: 'ERR_ABORTED' })
  await draft.abandon({ keep: true })
})
