import { chainUnchecked } from 'stream-chain'
import t, { type Test } from 'tap'
import { entryOf } from '../../fixtures/entries.js'
import type { Entry } from '../../lib/entry.js'
import { SyncError } from '../../lib/errors.js'
import { type Halt, halting } from '../../lib/flow/halt.js'
import { compose, type Stage, settle } from '../../lib/flow/settle.js'
import { type Failed, type Item, unchanged } from '../../lib/outcome.js'
import { newWork } from '../../lib/work.js'

const makeHalt = (t: Test): Halt => {
  const halt = halting({ graceMs: 60_000 })
  t.teardown(halt.close)
  return halt
}

/** A stage that fails, in both ways in which a function can. */
const failing = (error: unknown): Record<string, Stage> => ({
  throws: () => {
    throw error
  },
  rejects: () => Promise.reject(error),
})

t.test('what a stage passes on is passed on, and an outcome passes it by', async t => {
  const halt = makeHalt(t)
  const seen: Entry[] = []
  const stage: Stage = entry => {
    seen.push(entry)
    return { ...entry, path: 'a' }
  }
  const later: Stage = async entry => ({ ...entry, path: 'b' })
  const [entry, outcome] = [entryOf(0), unchanged(entryOf(1), 'exists')]
  t.match(settle(stage, { halt })(entry, newWork()), { index: 0, path: 'a' }, 'at once')
  t.match(await settle(later, { halt })(entry, newWork()), { index: 0, path: 'b' }, 'later')
  t.equal(settle(stage, { halt })(outcome, newWork()), outcome)
  t.strictSame(seen, [entry])
  t.equal(halt.halted.aborted, false)
})

const cases = {
  'an error of entry scope settles its entry': {
    error: new SyncError('ERR_HTTP_STATUS', 'the origin answered 404', { statusCode: 404 }),
    outcome: { code: 'ERR_HTTP_STATUS', statusCode: 404, retryable: false },
    isHalted: false,
  },
  'an error of attempt scope settles its entry, which may be tried again': {
    error: new SyncError('ERR_NETWORK', 'the connection was reset'),
    outcome: { code: 'ERR_NETWORK', retryable: true },
    isHalted: false,
  },
  'an error of run scope settles its entry and halts the run': {
    error: new SyncError('ERR_DESTINATION', 'the disk is full'),
    outcome: { code: 'ERR_DESTINATION', retryable: true },
    isHalted: true,
  },
  'an error of somebody else is wrapped': {
    error: Object.assign(new Error('reset'), { code: 'ECONNRESET' }),
    outcome: { code: 'ERR_NETWORK', retryable: true },
    isHalted: false,
  },
  'a bug halts the run, so that it cannot hide among the outcomes': {
    error: new TypeError('x is not a function'),
    outcome: { code: 'ERR_INTERNAL', message: 'x is not a function' },
    isHalted: true,
  },
}

for (const [title, { error, outcome, isHalted }] of Object.entries(cases))
  t.test(title, async t => {
    for (const [how, stage] of Object.entries(failing(error))) {
      const halt = makeHalt(t)
      const failed = await settle(stage, { halt })(entryOf(3), newWork())
      t.match(failed, { index: 3, status: 'failed', error: outcome }, how)
      t.equal(halt.halted.aborted, isHalted, how)
      t.match(halt.error, isHalted ? { code: outcome.code } : undefined)
    }
  })

t.test('without a run to halt an error of run scope is thrown', async t => {
  for (const [how, stage] of Object.entries(failing(new SyncError('ERR_DESTINATION', 'the disk is full'))))
    await t.rejects(async () => settle(stage)(entryOf(0)), { code: 'ERR_DESTINATION' }, how)
  for (const [how, stage] of Object.entries(failing(new SyncError('ERR_TYPE', 'no image'))))
    t.match(await settle(stage)(entryOf(0)), { status: 'failed', error: { code: 'ERR_TYPE' } }, how)
})

t.test('settled stages are functions of a chain, alone and side by side', async t => {
  const named: Stage = entry => ({ ...entry, path: 'a' })
  const counted: Stage = (entry, work) => unchanged(entry, 'exists', { received: ++work.received })
  const expected = [{ path: 'a', status: 'skipped', received: 1 }]
  const both = compose(settle(named), settle(counted))
  for (const stages of [[both], [settle(named), settle(counted)], [(item: Item) => item, both]]) {
    const stream = chainUnchecked<Item, Item>(stages)
    stream.end(entryOf(0))
    t.match(await stream.toArray(), expected)
  }
})

t.test('a failure tells what it cost', async t => {
  const error = new SyncError('ERR_NETWORK', 'the connection was reset')
  const stage: Stage = (_entry, work) => {
    work.attempts = 2
    work.received = 512
    throw error
  }
  const failed = settle(stage, { halt: makeHalt(t) })(entryOf(0), newWork()) as Failed
  t.match(failed, { attempts: 2, received: 512, ms: Number })
  const free = settle(failing(error)['throws'] as Stage, { halt: makeHalt(t) })(
    entryOf(0),
    newWork(),
  ) as Failed
  t.notHas(free, ['attempts', 'received', 'ms'], 'nothing where nothing was tried')
  const asking: Stage = (_entry, work) => {
    work.received = 256
    throw error
  }
  const atHead = settle(asking, { halt: makeHalt(t) })(entryOf(0), newWork())
  t.match(atHead, { attempts: 1, received: 256, ms: Number }, 'a HEAD was')
})

t.test('once the run is halted an entry settles without its stage', async t => {
  const halt = makeHalt(t)
  halt.stop(new SyncError('ERR_TOO_MANY_FAILURES', 'too many'))
  const stage: Stage = () => t.fail('the stage runs') as never
  t.match(settle(stage, { halt })(entryOf(0), newWork()), {
    status: 'failed',
    error: { code: 'ERR_ABORTED', retryable: true },
  })
  t.equal(halt.error?.code, 'ERR_TOO_MANY_FAILURES', 'that it was overtaken is not what ends the run')
})

t.test('stages go one after the other until one settles the entry', async t => {
  const halt = makeHalt(t)
  const named =
    (name: string): Stage =>
    entry => ({ ...entry, path: `${entry.path ?? ''}${name}` })
  const later =
    (name: string): Stage =>
    async entry =>
      named(name)(entry, newWork())
  const done: Stage = entry => unchanged(entry, 'exists')
  const never: Stage = () => t.fail('a stage after the outcome runs') as never
  const run = (...stages: Stage[]): Item | Promise<Item> =>
    compose(...stages.map(stage => settle(stage, { halt })))(entryOf(0), newWork())
  t.match(run(named('a'), named('b')), { path: 'ab' })
  t.match(await run(named('a'), later('b'), named('c'), later('d')), { path: 'abcd' })
  t.match(run(named('a'), done, never), { status: 'skipped', path: 'a' })
  t.match(await run(later('a'), done, never), { status: 'skipped', path: 'a' })
})

t.test('a failure is reported with what the stages before it learned', async t => {
  const halt = makeHalt(t)
  for (const [how, stage] of Object.entries(
    failing(new SyncError('ERR_PATH_TAKEN', 'a directory stands at a')),
  )) {
    const both = compose(
      settle(entry => ({ ...entry, path: 'a' }), { halt }),
      settle(stage, { halt }),
    )
    t.match(await both(entryOf(0), newWork()), { status: 'failed', path: 'a' }, how)
  }
})
