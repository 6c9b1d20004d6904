import { Writable } from 'node:stream'
import t, { type Test } from 'tap'
import { openClient, type TestClientOptions } from '../../fixtures/http-client.js'
import { type Origin, startOrigin } from '../../fixtures/origin.js'
import type { SendRequest } from '../../lib/http/client.js'
import { firstHop } from '../../lib/http/redirect.js'
import { newWork } from '../../lib/work.js'

const openOrigin = async (t: Test): Promise<Origin> => {
  const origin = await startOrigin()
  t.teardown(origin.close)
  return origin
}

/** A client, and a GET with it that keeps the body. */
const open = (t: Test, options: TestClientOptions = {}) => {
  const opened = openClient(t, options)
  const get = async (
    url: string,
    { headers = {}, ...request }: Partial<SendRequest> & { headers?: Record<string, string> } = {},
  ) => {
    const chunks: Buffer[] = []
    const into = new Writable({
      write(chunk: Buffer, _encoding, callback) {
        chunks.push(Buffer.from(chunk))
        callback()
      },
    })
    const answer = await opened.client.send({
      method: 'GET',
      hop: firstHop(new URL(url), headers),
      expectBytes: 0,
      accept: () => ({ into }),
      work: newWork(),
      ...request,
    })
    return { ...answer, body: Buffer.concat(chunks) }
  }
  return { ...opened, get }
}

t.test('a request says who asks, for what types and unencoded, with the headers it is given', async t => {
  const origin = await openOrigin(t)
  const { client, get } = open(t, { accept: 'image/*', userAgent: 'sluice' })
  const url = origin.asset('/a?b', { size: 1000 })
  const { head, hop, body } = await get(url, { headers: { 'X-Key': '1' } })
  t.equal(head.status, 200)
  t.equal(hop.url.href, url)
  t.ok(body.equals(origin.bytes('/a?b')))
  await client.send({
    method: 'HEAD',
    hop: firstHop(new URL(url), {}),
    headers: { 'if-none-match': '"a"' },
    expectBytes: 0,
    accept: () => undefined,
    work: newWork(),
  })
  const own = { 'user-agent': 'sluice', accept: 'image/*', 'accept-encoding': 'identity' }
  t.match(origin.requests, [
    { method: 'GET', headers: { ...own, 'x-key': '1' } },
    { method: 'HEAD', headers: { ...own, 'if-none-match': '"a"', 'x-key': undefined } },
  ])
})

t.test('redirects are followed, relative ones too, and all that arrives is counted', async t => {
  const origin = await openOrigin(t)
  const { get, bytes } = open(t)
  origin.asset('/x/end', { size: 1000 })
  for (const status of [301, 302, 303, 307, 308])
    for (const location of ['/x/end', 'end', '../x/end', `${origin.url}/x/end#part`]) {
      const url = origin.script('/x/start', { status, headers: { location }, body: 'moved' })
      const work = newWork()
      const before = bytes()
      const { hop, body } = await get(url, { work })
      t.equal(hop.url.href, `${origin.url}/x/end`, `${status} ${location}`)
      t.equal(body.length, 1000)
      t.equal(work.received, bytes() - before)
      t.ok(work.received > 1200)
    }
})

t.test('another origin is asked without the headers and credentials that were given', async t => {
  const [origin, other] = [await openOrigin(t), await openOrigin(t)]
  const { get } = open(t)
  other.script('/b', { status: 302, headers: { location: `${origin.url}/c` } })
  origin.script('/a', { status: 302, headers: { location: `${other.url}/b` } })
  origin.asset('/c', { size: 10 })
  const url = `${origin.url.replace('//', '//me:secret@')}/a`
  await get(url, { headers: { cookie: 'a=1', 'x-key': '1' } })
  const [first, back] = origin.requests
  const given = { authorization: /^Basic /, cookie: 'a=1', 'x-key': '1' }
  const none = { authorization: undefined, cookie: undefined, 'x-key': undefined }
  t.match(first?.headers, given)
  t.match(other.requests[0]?.headers, none)
  t.match(back?.headers, none, 'nor does the way back restore them')
})

t.test('a redirect that leads nowhere good fails', async t => {
  const origin = await openOrigin(t)
  const { get } = open(t)
  const cases: [string, Record<string, string | string[]>, number][] = [
    ['a loop', { location: '/a' }, 1],
    ['no Location', {}, 1],
    ['two Locations', { location: ['/b', '/c'] }, 1],
    ['another scheme', { location: 'ftp://a.example/' }, 1],
  ]
  for (const [name, headers, requests] of cases) {
    const before = origin.requests.length
    await t.rejects(
      get(origin.script('/a', { status: 302, headers })),
      { code: 'ERR_REDIRECT', scope: 'entry' },
      name,
    )
    t.equal(origin.requests.length - before, requests, name)
  }
  for (let hop = 0; hop < 12; hop++)
    origin.script(`/hop/${hop}`, { status: 302, headers: { location: `/hop/${hop + 1}` } })
  origin.asset('/hop/12', { size: 1 })
  t.match(await get(`${origin.url}/hop/2`), { head: { status: 200 } }, 'ten are followed')
  await t.rejects(get(`${origin.url}/hop/1`), { code: 'ERR_REDIRECT' }, 'eleven are not')
})

t.test('the body of a redirect or an error is not read to its end', async t => {
  const origin = await openOrigin(t)
  const { get } = open(t)
  origin.asset('/end', { size: 10 })
  const body = Buffer.alloc(3e6)
  for (const status of [302, 404])
    for (const framing of [{}, { 'content-length': undefined }]) {
      const work = newWork()
      const url = origin.script('/a', { status, headers: { location: '/end', ...framing }, body })
      const running = get(url, { work })
      if (status === 302) t.equal((await running).body.length, 10)
      else await t.rejects(running, { code: 'ERR_HTTP_STATUS', statusCode: 404 })
      t.ok(work.received < 500_000, `${status}: ${work.received}`)
    }
})

t.test('every status that was not expected is an error with its number', async t => {
  const origin = await openOrigin(t)
  const { pool, get } = open(t)
  for (const [status, expected] of [
    [404, { code: 'ERR_HTTP_STATUS', statusCode: 404, scope: 'entry' }],
    [304, { code: 'ERR_HTTP_STATUS', statusCode: 304, scope: 'entry' }],
    [500, { code: 'ERR_HTTP_STATUS', statusCode: 500, scope: 'attempt' }],
  ] as const)
    await t.rejects(get(origin.script('/a', { status, body: status === 304 ? '' : 'no' })), expected)
  await t.rejects(get(origin.script('/a', { status: 503, headers: { 'retry-after': '7' } })), {
    code: 'ERR_HTTP_STATUS',
    retryAfterMs: 7000,
  })
  t.strictSame(pool.holds, [{ origin: origin.url, ms: 7000 }])
  await t.rejects(get(origin.script('/a', { status: 503, headers: { 'retry-after': '301' } })), {
    code: 'ERR_RETRY_AFTER',
    retryAt: /^\d{4}-/,
  })
  t.equal(pool.holds.length, 1)
  t.equal(origin.openConnections, 1, 'and its connection is used again')
})

t.test('an expected status is for the caller to judge', async t => {
  const origin = await openOrigin(t)
  const { get } = open(t)
  for (const status of [304, 412, 416]) {
    const heads: number[] = []
    const { head } = await get(origin.script('/a', { status }), {
      expect: [304, 412, 416],
      accept({ status }) {
        heads.push(status)
        return undefined
      },
    })
    t.equal(head.status, status)
    t.strictSame(heads, [status])
  }
})

t.test('private addresses are refused where they are denied, redirects included', async t => {
  const origin = await openOrigin(t)
  const { client, get } = open(t, { denyPrivateNetwork: true })
  await t.rejects(get(origin.asset('/a')), { code: 'ERR_PRIVATE_NETWORK' })
  t.throws(() => client.prepare(origin.url), { code: 'ERR_PRIVATE_NETWORK' })
  t.strictSame(origin.requests, [])
})

t.test('every hop is a request of its own to the pool', async t => {
  const [origin, other] = [await openOrigin(t), await openOrigin(t)]
  const { pool, get } = open(t)
  origin.script('/a', { status: 302, headers: { location: other.asset('/b', { size: 1000 }) } })
  const work = newWork()
  await get(`${origin.url}/a`, { expectBytes: 1000, work })
  t.match(pool.grants, [
    { origin: origin.url, requests: 1, bytes: 1400 },
    { origin: other.url, requests: 1, bytes: 1400 },
  ])
  t.equal(pool.paidBytes, work.received)
})
