import { symlinkSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { holdDirectory } from '../../lib/files/one-holder.js'

t.test('a directory has one holder in a process, by whatever way it is reached', async t => {
  const dir = t.testdir({ images: { '.sluice': {} }, others: { '.sluice': {} } })
  symlinkSync('images', join(dir, 'link'))
  const hold = (name: string) => holdDirectory(name, join(dir, name, '.sluice'))
  const release = await hold('images')
  for (const name of ['images', 'link'])
    await t.rejects(hold(name), {
      code: 'ERR_DESTINATION',
      scope: 'run',
      message: `another sluice run is using ${name}`,
    })
  const releaseOthers = await hold('others')
  release()
  await t.rejects(hold('others'), { code: 'ERR_DESTINATION' }, 'each is given free for itself')
  const releaseLink = await hold('link')
  releaseLink()
  releaseOthers()
})

t.test('what does not stand there cannot be held', async t => {
  await t.rejects(holdDirectory('images', join(t.testdir(), '.sluice')), { code: 'ENOENT' })
})
