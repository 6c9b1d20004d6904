import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { entryOf } from '../../fixtures/entries.js'
import { startOrigin } from '../../fixtures/origin.js'
import { makeRoot } from '../../fixtures/sink.js'
import { SyncError } from '../../lib/errors.js'
import { halting } from '../../lib/flow/halt.js'
import { newGauge } from '../../lib/gauge.js'
import { firstHop } from '../../lib/http/redirect.js'
import type { Options } from '../../lib/options/given.js'
import { type ResolvedOptions, resolve } from '../../lib/options/resolve.js'
import { meter } from '../../lib/rate/meter.js'
import { openPool } from '../../lib/rate/open-pool.js'
import { equipPlan, equipSync } from '../../lib/run/equipment.js'
import { newWork } from '../../lib/work.js'

/** What a run gives to its equipment. */
const contextOf = (t: Test, resolved: ResolvedOptions) => {
  const context = {
    halt: halting({ graceMs: 60_000 }),
    pool: openPool(resolved),
    originPools: new Map<string, never>(),
    meter: meter(),
    gauge: newGauge(),
  }
  t.teardown(() => {
    context.halt.close()
    context.pool.close()
  })
  return context
}

const make = async (t: Test, options: Partial<Options> = {}, equipWith = equipSync) => {
  const out = join(makeRoot(t), 'out')
  const resolved = resolve({ out, ...options })
  const context = contextOf(t, resolved)
  return { out, halt: context.halt, received: context.meter, open: () => equipWith(resolved, context) }
}

t.test('the directory is held until it is closed', async t => {
  const { out, open } = await make(t)
  const equipment = await open()
  t.ok(existsSync(out))
  await t.rejects(open(), { code: 'ERR_DESTINATION', message: /another sluice run/ })
  await equipment.close()
  await (await open()).close()
})

t.test('what the stages need follows the options', async t => {
  const options: Partial<Options> = {
    path: '{basename}',
    urlKey: 'path',
    check: 'exists',
    retries: 7,
    retryBase: 5,
    retryMax: '10s',
    concurrency: 3,
    perOrigin: 2,
  }
  const { open } = await make(t, options)
  const equipment = await open()
  t.match(equipment, {
    check: 'exists',
    retries: { retries: 7, baseMs: 5, maxMs: 10_000 },
    concurrency: 3,
  })
  t.equal(equipment.perOrigin('http://a.test'), 2)
  t.equal(equipment.template(entryOf(1)), '1.jpg')
  t.equal(equipment.urlKey(new URL('http://a.test/1?x')), equipment.urlKey(new URL('http://a.test/1?y')))
  t.throws(() => equipment.safePath('../up'), { code: /ERR_PATH/ })
  await equipment.close()
})

t.test('an asset that cannot be remembered stays stored, and ends the run', async t => {
  const { open, halt } = await make(t)
  const equipment = await open()
  await equipment.close()
  await equipment.remember('a', { urlKey: 'key', wireBytes: 1, bytes: 1, mtimeMs: 1 })
  t.match(halt.error, { code: 'ERR_DESTINATION', message: /is closed/ })
  t.ok(halt.halted.aborted)
})

t.test('requests say who asks, and what arrives is measured', async t => {
  const origin = await startOrigin()
  t.teardown(origin.close)
  const url = new URL(origin.asset('/a', { size: 10 }))
  const { open, received } = await make(t, { accept: 'image/*' })
  const equipment = await open()
  const work = newWork()
  await equipment.client.send({
    method: 'GET',
    hop: firstHop(url, {}),
    expectBytes: 10,
    accept: () => undefined,
    work,
  })
  t.match(origin.requests[0]?.headers, {
    'user-agent': /^sluice/,
    accept: 'image/*',
    'accept-encoding': 'identity',
  })
  t.equal(received.total, work.received)
  t.ok(work.received > 10)
  await equipment.close()
})

t.test('with private networks denied none is asked', async t => {
  const origin = await startOrigin()
  t.teardown(origin.close)
  const { open } = await make(t, { privateNetwork: 'deny' })
  const equipment = await open()
  const url = new URL(origin.url)
  for (const host of [url.hostname, 'localhost']) {
    url.hostname = host
    const request = {
      method: 'GET',
      hop: firstHop(url, {}),
      expectBytes: 0,
      accept: () => undefined,
    } as const
    await t.rejects(
      equipment.client.send({ ...request, work: newWork() }),
      { code: 'ERR_PRIVATE_NETWORK' },
      host,
    )
  }
  t.equal(origin.openConnections, 0)
  await equipment.close()
})

t.test('a wait ends when it is over, or with the run', async t => {
  const { open, halt } = await make(t)
  const equipment = await open()
  await equipment.sleep(0)
  const waiting = equipment.sleep(1e9)
  halt.stop(new SyncError('ERR_DESTINATION', 'the disk is full'))
  await t.rejects(waiting, { code: 'ERR_ABORTED' })
  await equipment.close()
})

t.test('a partial that is being hashed when the run ends is kept', async t => {
  const { open, halt, out } = await make(t)
  const equipment = await open()
  const entry = { path: 'a' }
  const opening = { urlKey: 'key', resume: true }
  const draft = await equipment.open(entry, opening)
  draft.describe({ etag: '"v1"' })
  draft.write(Buffer.alloc(1024 * 1024))
  await draft.flushed()
  await draft.abandon({ keep: true })
  const kept = readdirSync(join(out, '.sluice/partial'))
  t.equal(kept.length, 2)
  halt.stop(new SyncError('ERR_DESTINATION', 'the disk is full'))
  await t.rejects(equipment.open(entry, opening), { code: 'ERR_ABORTED' })
  t.strictSame(readdirSync(join(out, '.sluice/partial')), kept)
  await equipment.close()
})

t.test('a plan looks at what stands in a directory and writes nothing there', async t => {
  const out = makeRoot(t, { 'a.jpg': 'old', directory: {} })
  const resolved = resolve({ out })
  const equipment = await equipPlan(resolved, contextOf(t, resolved))
  t.match(equipment.stat('a.jpg'), { bytes: 3 })
  t.equal(equipment.stat('missing/b.jpg'), undefined)
  t.throws(() => equipment.stat('directory'), { code: 'ERR_PATH_TAKEN' })
  t.equal(await equipment.get('a.jpg'), undefined)
  t.equal(equipment.claim('a.jpg', 0, 'url'), undefined)
  await equipment.close()
  t.strictSame(readdirSync(out).sort(), ['a.jpg', 'directory'])
})

t.test('a plan gives the directory back where it may not be entered', async t => {
  const { out, open } = await make(t)
  await (await open()).close()
  const { equipPlan: failing } = await t.mockImport<typeof import('../../lib/run/equipment.js')>(
    '../../lib/run/equipment.js',
    {
      '../../lib/files/file-sink.js': {
        fileSink() {
          throw Object.assign(new Error('denied'), { code: 'EACCES', syscall: 'open' })
        },
      },
    },
  )
  const resolved = resolve({ out })
  const refusal = { code: 'ERR_DESTINATION', scope: 'run', message: `${out} cannot be used: ` }
  for (const attempt of [1, 2])
    await t.rejects(failing(resolved, contextOf(t, resolved)), refusal, `attempt ${attempt}`)
})
