import { createHash } from 'node:crypto'
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { type Asset, type Origin, type Script, startOrigin } from '../fixtures/origin.js'
import { countsOf, runToEnd } from '../fixtures/run.js'
import { makeRoot } from '../fixtures/sink.js'
import type { RunOptions } from '../lib/run/start-run.js'

const start = async (t: Test): Promise<{ origin: Origin; out: string }> => {
  const origin = await startOrigin()
  t.teardown(origin.close)
  return { origin, out: join(makeRoot(t), 'out') }
}

const drip: Script = { drip: { bytes: 10, everyMs: 20 } }
const failed = (code: string, facts = {}) => ({ status: 'failed', error: { code, ...facts } })

/** What an option makes of one asset, whose origin does as `script` has it: its outcome, and the headers that it was asked for with. */
type Case = {
  options: Partial<RunOptions>
  asset?: Asset
  script?: Script
  outcome: object
  asked?: Record<string, unknown>
}

const cases: Record<string, Case> = {
  'no headers in time': {
    options: { timeout: 100 },
    script: { latencyMs: Number.POSITIVE_INFINITY },
    outcome: failed('ERR_TIMEOUT'),
  },
  'no byte in time': {
    options: { stallTimeout: 100 },
    script: { after: 10, end: 'stall' },
    outcome: failed('ERR_STALLED'),
  },
  'too few bytes in time': {
    options: { minRate: '1mbit', stallTimeout: 100 },
    script: drip,
    outcome: failed('ERR_TOO_SLOW', { retryable: true }),
  },
  'not whole in time': {
    options: { maxTime: '200ms' },
    script: drip,
    outcome: { ...failed('ERR_TOO_SLOW', { retryable: true }), attempts: 1 },
  },
  'waiting for the cap is no time': {
    options: { bwlimit: '64KiB', stallTimeout: 200, minRate: '10mbit', maxTime: 500 },
    asset: { size: 96 * 1024, ranges: false },
    outcome: { status: 'stored' },
  },
  'too large': { options: { maxSize: '999B' }, outcome: failed('ERR_TOO_LARGE') },
  'of another type': {
    options: { accept: 'video/*' },
    outcome: failed('ERR_TYPE'),
    asked: { accept: 'video/*' },
  },
  'of the type that was asked for': {
    options: { accept: 'image/*' },
    outcome: { status: 'stored' },
    asked: { accept: 'image/*' },
  },
  'any type': { options: {}, outcome: { status: 'stored' }, asked: { accept: '*/*', range: undefined } },
  'with headers': {
    options: { headers: { 'X-Key': 'k' } },
    outcome: { status: 'stored' },
    asked: { 'x-key': 'k' },
  },
  'a second attempt': {
    options: { retries: 1, retryBase: 1 },
    script: [{ status: 500 }],
    outcome: { status: 'stored', attempts: 2 },
  },
  'no second attempt': { options: {}, script: [{ status: 500 }], outcome: failed('ERR_HTTP_STATUS') },
  'a wait that is too long': {
    options: { retryAfterMax: '1s' },
    script: { status: 429, headers: { 'retry-after': '60' } },
    outcome: failed('ERR_RETRY_AFTER', { retryAt: /^\d{4}-.*Z$/ }),
  },
  'a range of its own size': {
    options: { bwlimit: '800mbit', segment: '100KiB' },
    asset: { size: 300_000 },
    outcome: { status: 'stored' },
    asked: { range: 'bytes=0-102399' },
  },
  'no range in spite of a cap': {
    options: { bwlimit: '800mbit', segment: 'off' },
    asset: { size: 300_000 },
    outcome: { status: 'stored' },
    asked: { range: undefined },
  },
  'another digest': { options: { digest: 'md5' }, outcome: { digest: /^md5-/ } },
  'no digest': { options: { digest: 'none' }, outcome: { status: 'stored', digest: undefined } },
  'no private network': { options: { privateNetwork: 'deny' }, outcome: failed('ERR_PRIVATE_NETWORK') },
}

t.test('what an option promises happens in a run', async t => {
  for (const [title, { options, asset = { size: 1000 }, script, outcome, asked = {} }] of Object.entries(
    cases,
  )) {
    const { origin, out } = await start(t)
    const url = origin.asset('/a.jpg', asset)
    if (script) origin.script('/a.jpg', script)
    const { outcomes } = await runToEnd(t, [url], { out, retries: 0, ...options })
    t.match(outcomes, [outcome], title)
    t.match(origin.requests[0]?.headers ?? {}, asked, title)
  }
})

t.test('every request counts under a limit of requests: a redirect, a segment, a HEAD', async t => {
  const { origin, out } = await start(t)
  origin.asset('/b', { size: 100_000 })
  const url = origin.script('/a', { status: 302, headers: { location: '/b' } })
  const options: RunOptions = { out, bwlimit: '800mbit', segment: '40KiB', tpslimit: '20/s' }
  for (const methods of [
    ['GET', 'GET', 'GET', 'GET'],
    ['HEAD', 'HEAD'],
  ]) {
    const before = origin.requests.length
    await runToEnd(t, [url], options)
    const requests = origin.requests.slice(before)
    t.strictSame(
      requests.map(({ method }) => method),
      methods,
    )
    const ms = (requests.at(-1)?.at ?? 0) - (requests[0]?.at ?? 0)
    t.ok(ms >= (methods.length - 1) * 50 - 20, `${methods.length} requests in ${ms} ms`)
  }
})

t.test('what an entry demands must hold, and what it only hints at need not', async t => {
  const { origin, out } = await start(t)
  const bytes = 'word '.repeat(200)
  const sha = (text: string) => `sha256-${createHash('sha256').update(text).digest('base64')}`
  const fields: [object, string][] = [
    [{ size: 1000, integrity: sha(bytes) }, 'stored'],
    [{ size: 999 }, 'failed ERR_BODY_LONG'],
    [{ size: 1001 }, 'failed ERR_BODY_SHORT'],
    [{ integrity: sha('other') }, 'failed ERR_INTEGRITY'],
    [{ etag: '"other"', lastModified: 'Thu, 22 Oct 2015 07:28:00 GMT' }, 'stored'],
  ]
  for (const encoding of [undefined, 'gzip'] as const)
    for (const check of ['head', 'manifest'] as const)
      for (const [demanded, word] of fields) {
        const url = origin.asset('/a', { bytes, ...(encoding && { encoding }) })
        const options: RunOptions = { out, check, path: '{hash}-{index}', retries: 0 }
        rmSync(out, { recursive: true, force: true })
        const ended = await runToEnd(t, [{ url, ...demanded }], options)
        t.strictSame(countsOf(ended), { [word]: 1 }, JSON.stringify({ encoding, check, ...demanded }))
      }
})
