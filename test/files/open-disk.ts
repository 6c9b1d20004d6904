import { mkdirSync, readdirSync, readFileSync, renameSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { makeRoot } from '../../fixtures/sink.js'
import { unproved } from '../../fixtures/unproved.js'
import { SyncError } from '../../lib/errors.js'
import { bestHold } from '../../lib/files/hold.js'
import { openDisk } from '../../lib/files/open-disk.js'

const options = { digest: 'none', durable: false } as const

t.test('a directory is held until it is closed, and opened as if nobody had been killed there', async t => {
  const out = join(makeRoot(t), 'out')
  const disk = await openDisk(out, options)
  t.equal(disk.sink.stat('a'), undefined)
  await t.rejects(openDisk(out, options), { code: 'ERR_DESTINATION', message: /another sluice run/ })
  writeFileSync(join(disk.workspace.tmp, 'left'), 'half')
  await Promise.all([disk.close(), disk.close()])
  const again = await openDisk(out, options)
  t.strictSame(readdirSync(again.workspace.tmp), [])
  await again.close()
})

t.test('a directory that cannot be made ready is given back', async t => {
  const { openDisk: failing } = await t.mockImport<typeof import('../../lib/files/open-disk.js')>(
    '../../lib/files/open-disk.js',
    {
      '../../lib/files/partials.js': {
        sweep: () => Promise.reject(new SyncError('ERR_DESTINATION', 'the disk reports an I/O error')),
        leastPartialBytes: 0,
        describePartial() {},
        forgetPartial() {},
        keepPartial() {},
        removePartial() {},
        takePartial() {},
      },
    },
  )
  const out = makeRoot(t)
  for (const attempt of [1, 2])
    await t.rejects(failing(out, options), { message: /I\/O error/ }, `attempt ${attempt}`)
})

t.test('drafts grow where they began, whatever comes to stand under the name of the directory', async t => {
  if (!bestHold().lasts) return unproved(t, 'this system has no handles on directories')
  const root = makeRoot(t)
  const disk = await openDisk(join(root, 'out'), options)
  const { tmp } = disk.workspace
  mkdirSync(join(root, 'elsewhere'))
  renameSync(tmp, `${tmp}-moved`)
  symlinkSync(join(root, 'elsewhere'), tmp)
  const draft = await disk.sink.open({ path: 'a' }, { urlKey: 'k', resume: true })
  draft.write('whole')
  t.strictSame([readdirSync(join(root, 'elsewhere')), readdirSync(`${tmp}-moved`).length], [[], 1])
  await draft.commit()
  t.equal(readFileSync(join(root, 'out/a'), 'utf8'), 'whole')
  await disk.close()
})
