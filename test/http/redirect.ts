import fc from 'fast-check'
import t from 'tap'
import { arrived, firstHop, followRedirect, type Hop, isRedirect } from '../../lib/http/redirect.js'

const start = (url: string, headers: Record<string, string> = {}) => firstHop(new URL(url), headers)

const follow = (hop: Hop, ...locations: string[]): Hop =>
  locations.reduce((hop, location) => followRedirect(hop, location), hop)

const basic = (credentials: string | Buffer) => `Basic ${Buffer.from(credentials).toString('base64')}`

t.test('a redirect is one of five statuses', t => {
  t.same(Array.from({ length: 600 }, (_, status) => status).filter(isRedirect), [301, 302, 303, 307, 308])
  t.end()
})

t.test('a Location is resolved against the URL that answered', t => {
  const cases: [string, string][] = [
    ['/c', 'https://a.example/c'],
    ['c', 'https://a.example/x/c'],
    ['../c', 'https://a.example/c'],
    ['?q=2', 'https://a.example/x/y?q=2'],
    ['//b.example/c', 'https://b.example/c'],
    ['https://b.example:8443/c#part', 'https://b.example:8443/c'],
    ['/caf\u00e9 1', 'https://a.example/caf%C3%A9%201'],
    [' /c ', 'https://a.example/c'],
    [`/${'c'.repeat(8192)}`, `https://a.example/${'c'.repeat(8192)}`],
  ]
  for (const [location, url] of cases)
    t.equal(follow(start('https://me:secret@a.example/x/y?q=1#top'), location).url.href, url, location)
  t.end()
})

t.test('bytes beyond ASCII in a Location are UTF-8 where they can be', t => {
  const asSent = (text: string) => Buffer.from(text).toString('latin1')
  const from = firstHop(new URL('http://h/a'))
  t.equal(followRedirect(from, asSent('/café.jpg')).url.pathname, '/caf%C3%A9.jpg')
  t.equal(followRedirect(from, '/caf\u00e9.jpg').url.pathname, '/caf%C3%A9.jpg')
  t.end()
})

t.test('how many redirects led somewhere does not count for the next request', t => {
  let hop = firstHop(new URL('http://h/0'))
  for (let n = 1; n <= 30; n++) hop = arrived(followRedirect(hop, `/${n % 2}`))
  t.strictSame(hop.asked, ['http://h/0'])
  t.end()
})

t.test('a redirect that leads nowhere good is refused', t => {
  const cases: [string | string[] | undefined, RegExp][] = [
    [undefined, /exactly one Location/],
    ['', /exactly one Location/],
    ['  ', /exactly one Location/],
    [['/a', '/b'], /exactly one Location/],
    ['https://', /not a URL/],
    ['https://h:99999/', /not a URL/],
    ['http://a.example/x/z', /https to http/],
    ['http://b.example/', /https to http/],
    ['file:///etc/passwd', /to file:/],
    ['data:text/plain,secret', /to data:/],
    ['ftp://a.example/', /to ftp:/],
    ['ws://a.example/', /to ws:/],
    ['https://a.example/x/y', /loop/],
    ['#part', /loop/],
    ['https://me:secret@a.example/x/y', /loop/],
  ]
  for (const [location, message] of cases)
    t.throws(
      () => followRedirect(start('https://a.example/x/y'), location),
      { code: 'ERR_REDIRECT', scope: 'entry', message },
      String(location),
    )
  t.end()
})

t.test('ten redirects are followed and an eleventh is not', t => {
  const tenth = follow(start('https://a.example/0'), ...Array.from({ length: 10 }, (_, n) => `/${n + 1}`))
  t.equal(tenth.url.pathname, '/10')
  t.throws(() => followRedirect(tenth, '/11'), { code: 'ERR_REDIRECT', message: /after 10 others/ })
  t.end()
})

t.test('a loop of any length is a loop', t => {
  const hop = follow(start('https://a.example/1'), '/2', 'https://b.example/3')
  for (const location of ['https://a.example/1', 'https://a.example/2#x', '/3'])
    t.throws(() => followRedirect(hop, location), { code: 'ERR_REDIRECT', message: /loop/ }, location)
  t.end()
})

t.test('what the caller gave stays within the origin', t => {
  const headers = {
    Authorization: 'Bearer secret',
    Cookie: 'secret',
    'X-Api-Key': 'secret',
    'proxy-authorization': 'secret',
  }
  const given = {
    authorization: 'Bearer secret',
    cookie: 'secret',
    'x-api-key': 'secret',
    'proxy-authorization': 'secret',
  }
  const cases: [string, string, object][] = [
    ['https://a.example/1', 'https://a.example/2', given],
    ['https://a.example/1', 'https://A.example:443/2', given],
    ['https://a.example/1', 'https://a.example:8443/2', {}],
    ['https://a.example/1', 'https://b.example/2', {}],
    ['https://a.example/1', 'https://www.a.example/2', {}],
    ['https://www.a.example/1', 'https://a.example/2', {}],
    ['http://a.example/1', 'https://a.example/2', {}],
    ['http://a.example:443/1', 'https://a.example/2', {}],
    ['https://a.example/1', '//a.example/2', given],
  ]
  for (const [from, to, kept] of cases) {
    t.same(start(from, headers).headers, given)
    t.same(follow(start(from, headers), to).headers, kept, `${from} to ${to}`)
  }
  t.end()
})

t.test('on the way back nothing is there again', t => {
  const hop = start('https://me:secret@a.example/1', { 'x-api-key': 'secret' })
  t.same(follow(hop, 'https://b.example/2', 'https://a.example/3').headers, {})
  t.same(follow(hop, 'https://b.example/2', '/3', 'https://a.example/4', '/5').headers, {})
  t.end()
})

t.test('user info becomes Basic authentication and leaves the URL', t => {
  const cases: [string, string | Buffer][] = [
    ['https://me:secret@a.example/', 'me:secret'],
    ['https://me@a.example/', 'me:'],
    ['https://:secret@a.example/', ':secret'],
    ['https://m%40:s%3Ae%25cret@a.example/', 'm@:s:e%cret'],
    ['https://caf%C3%A9:1%zz@a.example/', 'café:1%zz'],
    ['https://caf%E9:1@a.example/', Buffer.from('café:1', 'latin1')],
  ]
  for (const [url, credentials] of cases) {
    t.same(start(url).headers, { authorization: basic(credentials) }, url)
    t.equal(start(url).url.href, 'https://a.example/')
  }
  t.end()
})

t.test('the caller decides about authorization where it says something', t => {
  t.same(start('https://me:secret@a.example/', { AUTHORIZATION: 'Bearer x' }).headers, {
    authorization: 'Bearer x',
  })
  t.end()
})

t.test('user info in a Location is for the origin that it names', t => {
  const hop = start('https://a.example/1', { 'x-api-key': 'secret' })
  t.same(follow(hop, 'https://you:there@b.example/2').headers, { authorization: basic('you:there') })
  t.same(follow(hop, 'https://you:there@b.example/2', 'https://c.example/3').headers, {})
  t.end()
})

t.test('the URL that was given is left as it was', t => {
  const url = new URL('https://me:secret@a.example/#part')
  firstHop(url, {})
  t.equal(url.href, 'https://me:secret@a.example/#part')
  t.end()
})

t.test('no Location makes anything but a redirect or its refusal', t => {
  const origins = ['https://a.example', 'https://b.example', 'https://a.example:8443']
  const location = fc.oneof(
    fc.string(),
    fc.webUrl(),
    fc.nat(3).map(n => `/${n}`),
    fc.constantFrom(...origins),
  )
  fc.assert(
    fc.property(fc.array(location, { maxLength: 12 }), locations => {
      let hop = start('https://me:secret@a.example/', { 'x-api-key': 'secret' })
      let left = false
      for (const location of locations) {
        try {
          hop = followRedirect(hop, location)
        } catch (error) {
          t.match(error, { code: 'ERR_REDIRECT' })
          t.notMatch((error as Error).message, /secret/)
          return
        }
        left ||= hop.url.origin !== 'https://a.example'
        t.equal(hop.headers['x-api-key'], left ? undefined : 'secret')
        t.equal(hop.url.protocol, 'https:')
      }
    }),
    { numRuns: 500 },
  )
  t.end()
})
