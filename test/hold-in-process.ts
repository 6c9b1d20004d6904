import { symlinkSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { holdInProcess } from '../lib/hold-in-process.js'

t.test('what stands somewhere has one holder in a process, by whatever way it is reached', async t => {
  const dir = t.testdir({ pool: { lock: {} } })
  symlinkSync('pool', join(dir, 'link'))
  const release = await holdInProcess(join(dir, 'pool', 'lock'))
  t.equal(await holdInProcess(join(dir, 'link', 'lock')), undefined)
  release?.()
  const again = await holdInProcess(join(dir, 'link', 'lock'))
  t.ok(again)
  again?.()
})

t.test('what does not stand there cannot be held', async t => {
  await t.rejects(holdInProcess(join(t.testdir(), 'lock')), { code: 'ENOENT' })
})
