import { mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { openLedger } from '../../../lib/ledger/open-ledger.js'
import { userOf } from '../../../lib/ledger/users.js'
import { type Kept, keptOf, openKept, pausedUsers, restore } from '../../../lib/pool/socket/kept.js'

const kept: Kept = {
  epoch: 7,
  used: [{ of: 'requests', period: '2026-11-30', amount: 12 }],
  pausedUntil: 0,
  holds: [],
}

t.test('what was stored is read again, for every pool', async t => {
  const directory = t.testdir()
  const path = join(directory, 'quotas')
  const file = openKept(path)
  t.equal(file.pools.size, 0)
  t.equal(file.store(), undefined, 'nothing is nothing')
  t.strictSame(readdirSync(directory), [])
  file.keep('one', kept)
  file.keep('__proto__', kept)
  t.equal(file.store(), undefined)
  t.strictSame(readdirSync(directory), ['quotas'])
  t.strictSame(
    [...openKept(path).pools],
    [
      ['one', kept],
      ['__proto__', kept],
    ],
  )
})

t.test('what could not be stored is stored later', async t => {
  const path = join(t.testdir(), 'absent/quotas')
  const file = openKept(path)
  file.keep('one', kept)
  t.equal(file.store(), 'ENOENT')
  mkdirSync(join(path, '..'))
  t.equal(file.store(), undefined)
  t.strictSame([...openKept(path).pools], [['one', kept]])
})

t.test('a file that is something else is refused, rather than counted anew', async t => {
  const path = join(t.testdir(), 'quotas')
  const others = [
    '',
    '{',
    'null',
    '{"version":2,"pools":{}}',
    '{"version":1}',
    '{"version":1,"pools":{"one":{}}}',
  ]
  others.push(JSON.stringify({ version: 1, pools: { one: { ...kept, used: [{ of: 'requests' }] } } }))
  for (const text of others) {
    writeFileSync(path, text)
    t.throws(
      () => openKept(path),
      {
        code: 'ERR_OPTION',
        message: `pool: expected what is used of quotas in ${path}, got something else: remove it to count anew`,
      },
      text,
    )
  }
})

t.test('a ledger gets back what was kept of another one, at its own time', async t => {
  const before = openLedger()
  before.now = 5_000_000
  before.epoch = 3
  before.used.set('bytes', { period: '2026-11', amount: 5 })
  before.pausedUntil = 7_000_000
  userOf(before, 'alice').pausedUntil = 9_000_000
  userOf(before, 'bob').pausedUntil = 4_000_000
  before.holds.set('https://example.com', 8_000_000)
  before.holds.set('https://example.org', 5_500_000)
  before.set = [{ of: 'bytes', interval: 1, savings: 0 }]
  const stored = JSON.parse(JSON.stringify(keptOf(before, { wallTime: 1000, setAt: 900 })))
  const after = openLedger()
  restore(after, stored, 2000)
  t.equal(after.epoch, 3)
  t.strictSame([...after.used], [['bytes', { period: '2026-11', amount: 5 }]])
  t.equal(after.pausedUntil, 1_000_000)
  t.strictSame(pausedUsers(after), [['alice', 3_000_000]])
  t.strictSame([...after.holds], [['https://example.com', 2_000_000]])
  t.strictSame(after.set, before.set)

  const muchLater = openLedger()
  restore(muchLater, stored, 100_000_000)
  t.match(muchLater, { pausedUntil: 0, set: undefined })
  t.equal(muchLater.holds.size, 0)
  t.equal(muchLater.used.size, 1, 'a quota is not forgotten')
})
