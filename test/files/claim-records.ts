import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { openClaimRecords } from '../../lib/files/claim-records.js'

// Keys are as long as real ones, and no filter of 64 bytes tells them apart for long.
const key = (n: number) => String(n).padStart(16, '0')
const bounds = { recent: 4, filterBytes: 64 }

const fill = (records: ReturnType<typeof openClaimRecords>, from: number, to: number) => {
  for (let n = from; n < to; n++) records.set(key(n), { of: n, urlHash: `hash of ${n}` })
}

const opened = (t: Test, within = bounds) => {
  const dir = join(t.testdir(), 'claims')
  const records = openClaimRecords(dir, within)
  t.teardown(() => records.close())
  return { dir, records }
}

t.test('few records never touch the disk', async t => {
  const { dir, records } = opened(t)
  fill(records, 0, 3)
  t.ok(records.makeRoom())
  t.notOk(existsSync(dir))
  t.notOk(records.needsRead(key(0)))
  t.same(records.find(key(2)), { of: 2, urlHash: 'hash of 2' })
})

t.test('records that moved are read back as they were, files and directories', async t => {
  const { dir, records } = opened(t)
  fill(records, 0, 3)
  records.set(key(3), { of: 9 })
  t.ok(records.makeRoom())
  await records.moved()
  t.ok(existsSync(dir))
  t.equal(records.find(key(0)), undefined)
  t.ok(records.needsRead(key(0)))
  const find = await records.read([key(3), key(0), key(8)])
  t.same(find(key(0)), { of: 0, urlHash: 'hash of 0' })
  t.same(find(key(3)), { of: 9 })
  t.equal(find(key(8)), undefined)
})

t.test('records can be found while they move, and more are let in until memory is full again', async t => {
  const { records } = opened(t)
  fill(records, 0, 4)
  t.ok(records.makeRoom())
  t.same(records.find(key(0)), { of: 0, urlHash: 'hash of 0' })
  fill(records, 4, 8)
  t.notOk(records.makeRoom(), 'both halves of the memory are full')
  await records.moved()
  t.ok(records.makeRoom())
})

t.test('a record that arrives on disk while the disk is read is not missed', async t => {
  const { records } = opened(t)
  fill(records, 0, 4)
  records.makeRoom()
  const reading = records.read([key(9)])
  await records.moved()
  t.equal(records.find(key(1)), undefined)
  t.same((await reading)(key(1)), { of: 1, urlHash: 'hash of 1' })
})

t.test(
  'leftovers of a killed run are deleted when records are opened, and its own when they are closed',
  async t => {
    const dir = join(t.testdir({ claims: { old: 'old' } }), 'claims')
    const records = openClaimRecords(dir, bounds)
    t.notOk(existsSync(dir))
    fill(records, 0, 4)
    records.makeRoom()
    await records.moved()
    t.ok(existsSync(dir))
    await records.close()
    t.notOk(existsSync(dir))
  },
)

t.test('a disk that does not take the records ends the run', async t => {
  const { dir, records } = opened(t)
  writeFileSync(dir, 'a file where the database must go')
  fill(records, 0, 4)
  t.ok(records.makeRoom())
  await records.moved()
  t.throws(() => records.makeRoom(), { code: 'ERR_DESTINATION', scope: 'run' })
  await t.rejects(records.read([key(0)]), { code: 'ERR_DESTINATION', scope: 'run' })
})
