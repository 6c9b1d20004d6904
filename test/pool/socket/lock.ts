import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import t from 'tap'
import { takeLock } from '../../../lib/pool/socket/lock.js'

const takeLockFixture = join(import.meta.dirname, '../../../dist/fixtures/pool/take-lock.js')

t.test('a lock has one holder in a process, and can be had again when that has let go', async t => {
  const directory = join(t.testdir(), 'lock')
  const [one, two] = await Promise.all([takeLock(directory), takeLock(directory)])
  t.equal([one, two].filter(Boolean).length, 1)
  t.equal(await takeLock(directory), undefined)
  await (one ?? two)?.()
  const again = await takeLock(directory)
  t.ok(again)
  await again?.()
})

t.test('another process does not get it meanwhile', async t => {
  const directory = join(t.testdir(), 'lock')
  const release = await takeLock(directory)
  const take = (): string =>
    execFileSync(process.execPath, [takeLockFixture, directory], {
      env: { PATH: process.env['PATH'] },
      encoding: 'utf8',
    }).trim()
  t.equal(take(), 'refused')
  await release?.()
  t.equal(take(), 'taken')
})

t.test('where it cannot be, that is told', async t => {
  const file = join(t.testdir({ file: '' }), 'file')
  await t.rejects(takeLock(file), {
    code: 'ERR_POOL',
    message: `the pool's lock ${file} cannot be used (EEXIST)`,
  })
})
