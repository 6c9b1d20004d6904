import t from 'tap'
import { parseRedisUrl } from '../../../lib/pool/redis/redis-url.js'

t.test('a URL says where a Redis is, and who asks', async t => {
  const cases: Record<string, object> = {
    'redis://host': { host: 'host', port: 6379, db: 0, shown: 'redis://host' },
    'redis://host:7000/3': { host: 'host', port: 7000, db: 3 },
    'redis://:p%40ss@host/': { password: 'p@ss', username: undefined, shown: 'redis://host/' },
    'rediss://me:100%25@host': { username: 'me', password: '100%', tls: {} },
    'redis://me:50%@host': { password: '50%' },
    'redis://[::1]:7000': { host: '::1', port: 7000 },
  }
  for (const [url, expected] of Object.entries(cases)) t.match(parseRedisUrl(url), expected, url)
  t.notOk('tls' in parseRedisUrl('redis://host'))
})

t.test('anything else is refused in a line that shows no password', async t => {
  for (const url of [
    '',
    'host:6379',
    'http://u:secret@host',
    'redis://',
    'redis://u:secret@host/x',
    'redis://u:secret@ho st',
  ])
    t.throws(
      () => parseRedisUrl(url),
      {
        code: 'ERR_OPTION',
        message: /^(?!.*secret)pool: expected redis:\/\/HOST:PORT\/DB, or rediss, got .*$/,
      },
      url,
    )
})
