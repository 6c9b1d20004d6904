import { createHash } from 'node:crypto'
import { setImmediate } from 'node:timers/promises'
import t from 'tap'
import { gate } from '../../fixtures/gate.js'
import { memorySink } from '../../fixtures/memory-sink.js'
import { digests } from '../../lib/files/digests.js'
import { draftUpload } from '../../lib/files/draft-upload.js'
import { ended } from '../../lib/flow/halt.js'

const make = (fail?: (step: string) => void) => {
  const sink = memorySink(fail)
  const controller = new AbortController()
  const growth = draftUpload({
    create: () => sink.create('a', controller),
    aborted: controller.signal,
    newDigests: () => digests(new Set(['md5'] as const)),
  })
  return { sink, growth, append: (text: string) => growth.append([Buffer.from(text)]) }
}

const failingAt =
  (failing: string) =>
  (step: string): void => {
    if (step === failing) throw new Error(`no ${step}`)
  }

const facts = { bytes: 0 }

t.test('what was appended is written in order, counted and hashed, and committed', async t => {
  const { sink, growth, append } = make()
  t.strictSame(sink.log, [], 'nothing is begun before the first byte')
  await append('one ')
  await append('two')
  t.equal(growth.bytes, 7)
  t.equal(growth.digest('md5'), createHash('md5').update('one two').digest('base64'))
  t.strictSame(await growth.commit(facts), { bytes: 7 }, 'a sink without times has none')
  t.equal(sink.files.get('a')?.toString(), 'one two')
  await growth.abandon({ keep: true })
  t.strictSame(sink.log, ['create', 'write', 'write', 'commit'])
})

t.test('an empty asset is committed as one', async t => {
  const { sink, growth } = make()
  await growth.commit(facts)
  t.equal(sink.files.get('a')?.length, 0)
})

t.test('an upload that begins anew is discarded before the next', async t => {
  const { sink, growth, append } = make()
  await append('first try')
  growth.restart()
  t.equal(growth.bytes, 0)
  await append('again')
  t.equal(growth.digest('md5'), createHash('md5').update('again').digest('base64'))
  await growth.commit(facts)
  t.equal(sink.files.get('a')?.toString(), 'again')
  t.strictSame(sink.log, ['create', 'write', 'discard', 'create', 'write', 'commit'])
})

t.test('an abandoned upload is discarded, once', async t => {
  const { sink, growth, append } = make()
  await append('half')
  await growth.abandon({ keep: true })
  await growth.abandon({ keep: true })
  t.strictSame(sink.log, ['create', 'write', 'discard'])
  t.equal(sink.files.size, 0)
})

t.test('whatever fails in the sink is told, and the upload discarded', async t => {
  for (const step of ['create', 'write', 'commit']) {
    const { sink, growth, append } = make(failingAt(step))
    const store = async () => {
      await append('all')
      await growth.commit(facts)
    }
    await t.rejects(store(), {
      code: 'ERR_DESTINATION',
      scope: 'run',
      message: `the sink failed: no ${step}`,
    })
    await growth.abandon({ keep: false })
    t.equal(sink.log.includes('discard'), step !== 'create', step)
    t.equal(sink.files.size, 0)
  }
})

t.test('an upload that cannot be discarded fails what comes after it, and not what gives it up', async t => {
  const again = make(failingAt('discard'))
  await again.append('first try')
  again.growth.restart()
  await t.rejects(async () => again.append('again'), { message: 'the sink failed: no discard' })
  const given = make(failingAt('discard'))
  await given.append('half')
  await given.growth.abandon({ keep: false })
})

t.test('a sink that hangs, wherever it does, holds up the end of the run no longer', async t => {
  for (const hanging of ['create', 'write', 'commit', 'discard'] as const) {
    const controller = new AbortController()
    const reached = gate()
    const held = gate()
    const log: string[] = []
    const step = async (name: string): Promise<void> => {
      log.push(name)
      if (name !== hanging) return
      reached.open()
      await held.promise
    }
    const growth = draftUpload({
      async create() {
        await step('create')
        return {
          write: () => step('write'),
          async commit({ bytes }) {
            await step('commit')
            return { bytes }
          },
          discard: () => step('discard'),
        }
      },
      aborted: controller.signal,
      newDigests: () => digests(new Set()),
    })
    const store = async (): Promise<void> => {
      await growth.append([Buffer.from('half')])
      if (hanging === 'discard') await growth.abandon({ keep: false })
      else await growth.commit(facts)
    }
    const storing = store()
    await reached.promise
    controller.abort(ended())
    if (hanging === 'discard') await storing
    else await t.rejects(storing, { code: 'ERR_ABORTED' }, hanging)
    await growth.abandon({ keep: true })
    held.open()
    await setImmediate()
    t.equal(log.at(-1), 'discard', `what hung at ${hanging} is discarded`)
    t.equal(log.filter(name => name === 'discard').length, 1)
  }
})

t.test('a discard that never ends is waited for a while only', async () => {
  const growth = draftUpload({
    create: () => ({ write() {}, commit: () => ({ bytes: 0 }), discard: () => new Promise(() => {}) }),
    aborted: new AbortController().signal,
    newDigests: () => digests(new Set()),
    patienceMs: 1,
  })
  await growth.append([Buffer.from('a')])
  await growth.abandon({ keep: false })
})

t.test('what is committed is never discarded, whatever the sink said of it', async t => {
  const log: string[] = []
  const growth = draftUpload({
    create: () => ({
      write() {},
      commit: () => void log.push('commit') as never,
      discard: () => void log.push('discard'),
    }),
    aborted: new AbortController().signal,
    newDigests: () => digests(new Set()),
  })
  await growth.append([Buffer.from('a')])
  await t.rejects(growth.commit(facts), { code: 'ERR_DESTINATION' })
  await growth.abandon({ keep: false })
  t.strictSame(log, ['commit'])
})
