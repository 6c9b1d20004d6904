import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { SyncError } from '../../lib/errors.js'
import { openLevel, unusable } from '../../lib/files/level.js'

t.test('a database is made where there is none, and keeps what it is given', async t => {
  const location = join(t.testdir(), 'a', 'b')
  const level = await openLevel(location, { compression: true })
  await level.put('key', 'value')
  await level.close()
  t.ok(readdirSync(location).includes('CURRENT'))
  const again = await openLevel(location, { compression: true })
  t.equal(await again.get('key'), 'value')
  await again.close()
})

t.test('the reason why a database cannot be opened comes first, not that it is not open', async t => {
  const location = t.testdir()
  const level = await openLevel(location, { compression: true })
  await t.rejects(openLevel(location, { compression: true }), { code: 'LEVEL_LOCKED' })
  await level.close()
  await t.rejects(openLevel(join(t.testdir({ file: '' }), 'file'), { compression: true }), { code: 'EEXIST' })
})

t.test('a directory that cannot be used is named, with the reason', async t => {
  const full = Object.assign(new Error('no space'), { code: 'ENOSPC' })
  t.match(unusable('images', full), {
    code: 'ERR_DESTINATION',
    scope: 'run',
    message: 'images cannot be used: the disk is full (ENOSPC)',
    cause: full,
  })
  const denied = Object.assign(new Error('no'), { code: 'EACCES', syscall: 'mkdir' })
  t.equal(unusable('images', denied).scope, 'run')
})

t.test('an error of ours stays as it is and a bug stays a bug', async t => {
  const ours = new SyncError('ERR_DESTINATION', 'another sluice run is using images')
  t.equal(unusable('images', ours), ours)
  t.equal(unusable('images', new TypeError('x is not a function')).code, 'ERR_INTERNAL')
})
