import t, { type Test } from 'tap'
import { type Case, playMatrix } from '../../fixtures/faults/matrix.js'
import { startProxy, type Toxics } from '../../fixtures/faults/proxy.js'
import { contentOf } from '../../fixtures/origin/content.js'
import { startOrigin } from '../../fixtures/origin.js'

/* What befalls answers on their way, by the toxics of Toxiproxy; the origin itself is right. */

const asset = { size: 60_000, seed: 'a' }
const content = Buffer.concat([...contentOf(asset.seed, 0, asset.size)])

const through =
  (toxics: Toxics): Case['serve'] =>
  async (t: Test) => {
    const origin = await startOrigin({ asset: () => asset })
    t.teardown(origin.close)
    const proxy = await startProxy(t, origin.url, toxics)
    return { url: `${proxy.url}/asset`, requests: () => origin.requests, sentBytes: () => origin.sentBytes }
  }

const failed = (code: string) => ({ status: 'failed', attempts: 2, error: { code, retryable: true } })
const stored = { status: 'stored', attempts: 1, bytes: asset.size }

const cases: Case[] = [
  { title: 'late by 200 ms', serve: through({ latencyMs: 200 }), outcome: stored, content },
  { title: 'slow', serve: through({ bandwidth: 200_000 }), outcome: stored, content },
  {
    title: 'in small slices',
    serve: through({ slicer: { bytes: 700, everyMs: 1 } }),
    outcome: stored,
    content,
  },
  { title: 'an end that comes late', serve: through({ slowCloseMs: 500 }), outcome: stored, content },
  { title: 'down', serve: through({ down: true }), outcome: failed('ERR_NETWORK') },
  { title: 'silence', serve: through({ timeoutMs: 5000 }), outcome: failed('ERR_TIMEOUT') },
  {
    title: 'a reset under way',
    serve: through({ bandwidth: 50_000, resetAfterMs: 300 }),
    outcome: failed('ERR_NETWORK'),
  },
  {
    title: 'an end after some bytes',
    serve: through({ limitBytes: 20_000 }),
    outcome: failed('ERR_BODY_SHORT'),
  },
]

playMatrix(t, {
  name: 'ways that are bad',
  args: ['-j', '50', '--check', 'none', '--retries', '1', '--retry-base', '1ms', '--timeout', '1500ms'],
  cases,
})
