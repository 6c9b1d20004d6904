import fs from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { makeFolders } from '../../fixtures/sink.js'
import { digests } from '../../lib/files/digests.js'
import { DraftFile } from '../../lib/files/draft-file.js'
import { keepPartial } from '../../lib/files/partials.js'
import type { Finished } from '../../lib/files/publish.js'

const MiB = 1024 * 1024

const make = (t: Test) => {
  const folders = makeFolders(t.testdir())
  const published: Finished[] = []
  const file = join(folders.tmp, 'draft')
  const growth = new DraftFile({
    file,
    asset: { path: 'a', urlKey: 'key' },
    newDigests: () => digests(new Set()),
    keep: file => keepPartial(file, folders),
    async publish(finished) {
      published.push(finished)
      finished.close()
      if (finished.lastModified === 'never') throw new Error('refused')
      fs.renameSync(finished.file, join(folders.root, finished.path))
      return 7
    },
  })
  return { ...folders, file, growth, published }
}

t.test('a committed file is published, and nothing is left of what described it', async t => {
  const { growth, root, tmp, published } = make(t)
  growth.describe({ etag: '"v1"' })
  await growth.append([Buffer.alloc(MiB)])
  t.equal(growth.bytes, MiB, 'as it grows')
  t.strictSame(await growth.commit({ bytes: MiB, lastModified: 'today' }), { bytes: MiB, mtimeMs: 7 })
  t.match(published, [{ path: 'a', lastModified: 'today' }])
  t.equal(fs.statSync(join(root, 'a')).size, MiB)
  t.strictSame(fs.readdirSync(tmp), [])
})

t.test('an abandoned file is kept only where that is wished and it was not yet committed', async t => {
  for (const [title, keep, isCommitted, kept] of [
    ['unwanted', false, false, 0],
    ['wanted', true, false, 2],
    ['refused by the commit', true, true, 0],
  ] as const) {
    const { growth, tmp, partial } = make(t)
    growth.describe({ etag: '"v1"' })
    await growth.append([Buffer.alloc(MiB)])
    if (isCommitted)
      await t.rejects(growth.commit({ bytes: MiB, lastModified: 'never' }), { message: 'refused' })
    await growth.abandon({ keep })
    t.equal(fs.readdirSync(partial).length, kept, title)
    t.strictSame(fs.readdirSync(tmp), [], title)
  }
})
