import t from 'tap'
import { poolName, poolUrl, quotas, timeZone } from '../../lib/options/pool-kinds.js'

t.test('a quota is so many requests, bytes or units a day or a month', async t => {
  t.strictSame(quotas.read('5000/d, 750GB/mo'), [
    { of: 'requests', limit: 5000, per: 'day' },
    { of: 'bytes', limit: 750e9, per: 'month' },
  ])
  for (const given of ['400000units/d', '400000 units/d'])
    t.strictSame(quotas.read(given), [{ of: 'units', limit: 400_000, per: 'day' }])
  for (const given of ['', '5000', '0/d', '1/w', '1/d,2/d', '1GB/d,2GB/mo', 'x/d', '-1/d', '1.5/d', {}])
    t.equal(quotas.read(given), undefined, String(given))
})

t.test('a zone is one that this machine knows', async t => {
  for (const zone of ['UTC', 'America/Los_Angeles', 'Europe/Berlin']) t.equal(timeZone.read(zone), zone)
  for (const given of ['Mars', '', 5, null]) t.equal(timeZone.read(given), undefined, String(given))
})

t.test('a pool is in Redis or behind a socket, and its URL is a secret', async t => {
  for (const url of ['redis://h', 'rediss://u:p@h:1/2', 'unix:/run/x', 'local:'])
    t.equal(poolUrl.read(url), url)
  for (const given of ['', 'redis://', 'redis:h', 'unix:', 'local:x', 'http://h', 5, 'redis://h:port'])
    t.equal(poolUrl.read(given), undefined, String(given))
  t.equal(poolUrl.isSecret, true)
})

t.test('names are short and harmless', async t => {
  for (const name of ['a', 'office-link', 'drive.app_2', 'alice@example.com', 'x'.repeat(100)])
    t.equal(poolName.read(name), name)
  for (const given of ['', 'a b', 'a/b', '{a}', 'ü', 'x'.repeat(101), 5])
    t.equal(poolName.read(given), undefined)
})
