import { mkdirSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { openLevel } from '../../lib/files/level.js'
import { forget, isCorruption, openOrReplace } from '../../lib/files/replaceable.js'

const damaged = () => Object.assign(new Error('Corruption: bad block contents'), { code: 'LEVEL_CORRUPTION' })

/** A directory with a database that has one record in its log. */
const filled = async (dir: string) => {
  const files = join(dir, '.sluice', 'index')
  mkdirSync(files, { recursive: true })
  const level = await openLevel(files, { compression: true })
  await level.put('a', '1')
  await level.close()
  return files
}

t.test('a database without its beginning begins anew, and keeps what is in its log', async t => {
  const dir = t.testdir()
  const files = await filled(dir)
  await forget(files)
  const level = await openOrReplace(dir, files)
  t.equal(await level.get('a'), '1')
  await level.close()
})

t.test('a database that another run has is not touched', async t => {
  const dir = t.testdir()
  const files = await filled(dir)
  const level = await openLevel(files, { compression: true })
  await t.rejects(openOrReplace(dir, files), { code: 'ERR_DESTINATION', message: /another sluice run/ })
  await level.close()
})

t.test('what is damaged is told by its code', async t => {
  t.ok(isCorruption(damaged()))
  t.notOk(isCorruption(new Error('other')))
})

t.test('a database that another run has begun anew meanwhile is not begun anew again', async t => {
  const dir = t.testdir()
  const files = await filled(dir)
  const level = await import('../../lib/files/level.js')
  const current = readFileSync(join(files, 'CURRENT'))
  let opened = 0
  const { openOrReplace } = await t.mockImport<typeof import('../../lib/files/replaceable.js')>(
    '../../lib/files/replaceable.js',
    {
      '../../lib/files/level.js': {
        ...level,
        openLevel: (...args: Parameters<typeof level.openLevel>) =>
          opened++ === 0 ? Promise.reject(damaged()) : level.openLevel(...args),
        async lockLevel(...args: Parameters<typeof level.lockLevel>) {
          // The other run was first to lock it, and has ended.
          await (await level.openLevel(files, { compression: true })).close()
          return level.lockLevel(...args)
        },
      },
    },
  )
  const replaced = await openOrReplace(dir, files)
  t.notSame(readFileSync(join(files, 'CURRENT')), current)
  t.equal(await replaced.get('a'), '1')
  await replaced.close()
  t.strictSame(readdirSync(join(dir, '.sluice')), ['index'])
})
