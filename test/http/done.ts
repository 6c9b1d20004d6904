import t from 'tap'
import { namedEntryOf } from '../../fixtures/entries.js'
import { toFacts, toStoredAsset } from '../../lib/http/done.js'
import type { Downloaded } from '../../lib/http/downloaded.js'
import type { Integrity } from '../../lib/integrity.js'
import { newWork } from '../../lib/work.js'

const digest = `sha256-${Buffer.alloc(32).toString('base64')}`
/** As it is written in a manifest. */
const integrity = digest as unknown as Integrity
const downloaded = { wireBytes: 5, isProven: true } as Downloaded
const committed = { bytes: 5 }

t.test('what is not known is not said', async t => {
  const done = { downloaded, committed }
  t.strictSame(toStoredAsset(namedEntryOf(0), done), { urlKey: 'key', bytes: 5, wireBytes: 5 })
  t.strictSame(Object.keys(toFacts(namedEntryOf(0), done, newWork())).sort(), [
    'attempts',
    'bytes',
    'ms',
    'received',
  ])
})

t.test('a digest that was demanded is remembered where another was computed', async t => {
  const entry = namedEntryOf(0, { integrity })
  const md5 = `md5-${Buffer.alloc(16).toString('base64')}`
  const of = (computed: string) =>
    toStoredAsset(entry, { downloaded, committed: { bytes: 5, digest: computed } })
  t.equal(of(md5).integrity, digest)
  t.equal(of(digest).integrity, undefined)
})

t.test(
  'what nothing proves to be whole is said to be so, unless its length or digest was demanded',
  async t => {
    const done = { downloaded: { ...downloaded, isProven: false }, committed }
    for (const [fields, verified] of [
      [{}, false],
      [{ size: 5 }, undefined],
      [{ integrity }, undefined],
    ] as const)
      t.equal(toFacts(namedEntryOf(0, fields), done, newWork()).verified, verified)
  },
)
