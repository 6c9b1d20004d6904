import t from 'tap'
import { namedEntryOf } from '../../fixtures/entries.js'
import type { LocalFile, StoredAsset } from '../../lib/entry.js'
import { taken } from '../../lib/files/disk-error.js'
import { recall } from '../../lib/stages/recall.js'

const file = { bytes: 10, mtimeMs: 1000 }
const known: StoredAsset = { ...file, urlKey: 'key', wireBytes: 10, etag: '"1"' }
const entry = namedEntryOf(0)

const cases: { title: string; known?: StoredAsset; local: LocalFile }[] = [
  { title: 'what the index knows of a file is known', known, local: { ...file, known, stale: false } },
  { title: 'a file that the index does not know may be the asset', local: { ...file, stale: false } },
  {
    title: 'a file of another length was altered',
    known: { ...known, bytes: 11 },
    local: { ...file, stale: true },
  },
  {
    title: 'a file of another time was altered',
    known: { ...known, mtimeMs: 1000.5 },
    local: { ...file, stale: true },
  },
  {
    title: 'a file that came from another URL tells nothing about this one',
    known: { ...known, urlKey: 'other' },
    local: { ...file, stale: true },
  },
]

for (const { title, known, local } of cases)
  t.test(title, async t => {
    const asked: string[] = []
    const get = async (path: string) => {
      asked.push(path)
      return known
    }
    const found = await recall({ stat: () => file, get })(entry)
    t.strictSame(found, { ...entry, local })
    t.strictSame(asked, ['0.jpg'])
  })

t.test('what a killed run stored before the index knew of it is no version that anybody knows', async t => {
  for (const [unfinishedSince, stale] of [
    [1000, true],
    [1001, false],
    [undefined, false],
  ] as const) {
    const stage = recall({ stat: () => file, get: async () => undefined, unfinishedSince })
    t.match(await stage(entry), { local: { ...file, stale } })
    t.match(await recall({ stat: () => file, get: async () => known, unfinishedSince })(entry), {
      local: { known, stale: false },
    })
  }
})

t.test('where nothing stands the index is not asked', async t => {
  const get = () => t.fail('it is') as never
  t.equal(recall({ stat: () => undefined, get })(entry), entry)
  t.equal(await recall({ stat: async () => undefined, get })(entry), entry)
})

t.test('a sink that has to be asked is waited for', async t => {
  const stage = recall({ stat: async () => file, get: async () => known })
  t.match(await stage(entry), { local: { ...file, known, stale: false } })
})

t.test('where something stands that no file can replace, that is thrown', async t => {
  const stage = recall({
    stat: path => {
      throw taken(path)
    },
    get: async () => undefined,
  })
  t.throws(() => stage(entry), { code: 'ERR_PATH_TAKEN' })
})
