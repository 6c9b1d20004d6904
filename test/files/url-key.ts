import { createHash } from 'node:crypto'
import t from 'tap'
import { urlKey } from '../../lib/files/url-key.js'

const key = (url: string, by: 'full' | 'path') => urlKey(new URL(url), by)

t.test('a key is 32 hex of the SHA-256 of the URL', async t => {
  const expected = createHash('sha256').update('https://a.example/b?c=1').digest('hex').slice(0, 32)
  t.equal(key('https://a.example/b?c=1', 'full'), expected)
})

t.test('fragment and user info never count', async t => {
  for (const by of ['full', 'path'] as const)
    t.equal(key('https://me:secret@a.example/b?c=1#d', by), key('https://a.example/b?c=1', by))
})

t.test('the query counts in full and not by path', async t => {
  t.not(key('https://a.example/b?c=1', 'full'), key('https://a.example/b?c=2', 'full'))
  t.equal(key('https://a.example/b?c=1', 'path'), key('https://a.example/b?c=2', 'path'))
})

t.test('scheme, host, port and path always count', async t => {
  const urls = [
    'https://a.example/b',
    'http://a.example/b',
    'https://b.example/b',
    'https://a.example:8443/b',
  ]
  for (const by of ['full', 'path'] as const)
    t.equal(new Set([...urls, 'https://a.example/B'].map(url => key(url, by))).size, 5)
})

t.test('a URL that is plain has the key of what it is made of', async t => {
  const made = ({ origin, pathname, search }: URL, by: 'full' | 'path') =>
    createHash('sha256')
      .update(origin + pathname + (by === 'full' ? search : ''))
      .digest('hex')
      .slice(0, 32)
  for (const tail of [
    '',
    '/',
    '/b',
    '/b?',
    '/b?c',
    '/b?c?',
    '/b#',
    '/b?#',
    '/b#?',
    '/@b',
    '/b?c@d',
    '/b%23?',
    '/b?#c?',
  ])
    for (const head of ['http://a.example', 'https://A.example:443', 'http://u@a.example', 'http://[::1]:80'])
      for (const by of ['full', 'path'] as const)
        t.equal(key(head + tail, by), made(new URL(head + tail), by), `${head}${tail} ${by}`)
})
