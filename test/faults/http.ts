import { hash } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib'
import t, { type Test } from 'tap'
import { makeCertificate } from '../../fixtures/certificate.js'
import { type Case, playMatrix } from '../../fixtures/faults/matrix.js'
import { openOracle } from '../../fixtures/faults/oracle.js'
import { answering, greeting, nowhere, raw, scripted } from '../../fixtures/faults/serve.js'
import { contentOf } from '../../fixtures/origin/content.js'
import { type Asset, type Script, type Step, startOrigin } from '../../fixtures/origin.js'

/* What origins do wrong, and what must come of it: rows H1 to H50 of the fault matrix. */

const body = 'the body of an asset'
const asset = { bytes: body }
const head = (headers = '', status = '200 OK') => `HTTP/1.1 ${status}\r\n${headers}\r\n`
const whole = (headers = '', status?: string) =>
  head(`Content-Length: ${body.length}\r\n${headers}`, status) + body
const chunked = (chunks: string) => head('Transfer-Encoding: chunked\r\n') + chunks

const stored = { status: 'stored' }
const failed = (code: string, attempts?: number) => ({
  status: 'failed',
  error: { code },
  ...(attempts !== undefined && { attempts }),
})
const attempts = (n: number) => ({ ...stored, attempts: n })
const unproven = { ...stored, verified: false }

/** An answer that is refused whatever is tried. */
const refused = (title: string, text: string, code = 'ERR_HTTP_PROTOCOL'): Case => ({
  title,
  serve: raw(text, { end: 'fin' }),
  outcome: failed(code),
  asked: [1, 3],
})

const taken = (title: string, text: string, outcome: object = stored): Case => ({
  title,
  serve: raw(text, { end: 'fin' }),
  outcome,
  content: body,
})

const cut: Step = { after: 7 }
/** The first bytes come, and never more. */
const cutEachTime =
  (end: Step['end'] = 'fin'): Script =>
  (_request, count) => ({ after: count === 0 ? 7 : 0, end })

const lengths: Case[] = [
  {
    title: 'H1 a body shorter than its length',
    serve: scripted(cutEachTime(), asset),
    outcome: failed('ERR_BODY_SHORT', 3),
    asked: 3,
  },
  {
    title: 'H1 a body that was cut off is gone on with',
    serve: scripted([cut], asset),
    outcome: { ...attempts(2), bytes: body.length },
    content: body,
    asked: 2,
  },
  {
    title: 'H2 a reset within a body',
    serve: scripted(cutEachTime('reset'), asset),
    outcome: failed('ERR_NETWORK', 3),
    asked: 3,
  },
  {
    title: 'H2 a reset, and then the rest',
    serve: scripted([{ after: 7, end: 'reset' }], asset),
    outcome: attempts(2),
    content: body,
    asked: 2,
  },
  taken('H3 more than its length', `${whole()}and more`),
  taken('H4 no length, and an end in good order', head() + body, unproven),
  { ...taken('H4 no length, and the size that was demanded', head() + body), entry: { size: body.length } },
  {
    ...taken('H4 no length, and another size', head() + body, failed('ERR_BODY_SHORT', 3)),
    entry: { size: 100 },
  },
  {
    ...taken('H4 no length, and more than the size', head() + body, failed('ERR_BODY_LONG')),
    entry: { size: 3 },
  },
  {
    title: 'H5 no length, and a reset',
    serve: raw(head() + body, { end: 'reset' }),
    outcome: failed('ERR_NETWORK', 3),
    asked: 3,
  },
  taken('H6 HTTP/1.0', `HTTP/1.0 200 OK\r\n\r\n${body}`, unproven),
  refused('H7 chunks without an end', chunked('5\r\nhello\r\n'), 'ERR_BODY_SHORT'),
  refused('H7 a chunk of no size', chunked('xyz\r\nhello\r\n0\r\n\r\n')),
  refused(
    'H7 chunks and a length',
    `${head('Content-Length: 5\r\nTransfer-Encoding: chunked\r\n')}0\r\n\r\n`,
  ),
  refused('H7 two lengths', `${head('Content-Length: 5\r\nContent-Length: 6\r\n')}hello`),
  refused('H7 a negative length', head('Content-Length: -1\r\n')),
  refused('H7 a length that is no number', `${head('Content-Length: 5s\r\n')}hello`),
  refused('H7 a length past any', head(`Content-Length: ${2n ** 64n}\r\n`)),
  taken('H8 a chunk extension of 100 kB', chunked(`14;${'x'.repeat(100_000)}\r\n${body}\r\n0\r\n\r\n`)),
  taken('H8 5,000 trailers', chunked(`14\r\n${body}\r\n0\r\n${'A: b\r\n'.repeat(5000)}\r\n`)),
]

const interim = 'HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n'

const heads: Case[] = [
  taken('H12 102 and 103 before the answer', `HTTP/1.1 102 Processing\r\n\r\n${interim}${whole()}`),
  taken('H12 a thousand interim answers', interim.repeat(1000) + whole()),
  taken('H12 an unasked 100', `HTTP/1.1 100 Continue\r\n\r\n${whole()}`),
  refused('H13 an unasked 101', 'HTTP/1.1 101 Switching\r\nConnection: upgrade\r\nUpgrade: h2c\r\n\r\n'),
  refused('H37 a status of 99', `HTTP/1.1 099 Low\r\nContent-Length: 0\r\n\r\n`),
  refused('H37 a status of 999', whole('', '999 High'), 'ERR_HTTP_STATUS'),
  refused('H37 a status of 1000', whole('', '1000 High')),
  refused('H37 a negative status', whole('', '-1 Low')),
  refused('H37 a status with a letter', whole('', '2O0 OK')),
  refused('H38 HTTP/0.9', '<html>hello</html>'),
  refused('H38 garbage', '\u0001\u0002\u0003\r\n\r\n'),
  refused('H38 another protocol', 'SSH-2.0-OpenSSH_9.2\r\n'),
  refused('H38 a NUL in a header', head('A: \0\r\nContent-Length: 0\r\n')),
  refused('H38 nothing at all', '', 'ERR_NETWORK'),
  refused('H38 half a head', 'HTTP/1.1 200 OK\r\nContent-Le', 'ERR_NETWORK'),
  refused('H39 a header of 16 KiB', whole(`A: ${'a'.repeat(16 * 1024)}\r\n`)),
  refused('H39 5,000 headers', whole('Aaa: aaa\r\n'.repeat(5000))),
  taken('H39 a status line of 100 kB', whole('', `200 ${'O'.repeat(100_000)}`)),
]

const statuses: Case[] = [
  {
    title: 'H20 a 304 to a request without conditions',
    serve: scripted({ status: 304 }),
    outcome: failed('ERR_HTTP_PROTOCOL', 1),
    asked: 1,
  },
  {
    title: 'H21 a part that was not asked for',
    serve: scripted({ status: 206, body, headers: { 'content-range': `bytes 0-${body.length - 1}/100` } }),
    outcome: failed('ERR_HTTP_PROTOCOL', 1),
    asked: [1, 6],
  },
  {
    title: 'H26 a 204',
    serve: scripted({ status: 204 }),
    outcome: failed('ERR_HTTP_PROTOCOL'),
    asked: [1, 3],
  },
  {
    title: 'H26 an empty body where a size is demanded',
    serve: scripted({ status: 200, body: '' }),
    entry: { size: 10 },
    outcome: failed('ERR_BODY_SHORT', 1),
    asked: 1,
  },
  ...[300, 305, 306].map(
    (status): Case => ({
      title: `H29 ${status}`,
      serve: scripted({ status }),
      outcome: failed('ERR_HTTP_STATUS', 1),
      asked: 1,
    }),
  ),
  ...[400, 401, 403, 404, 405, 410, 414, 418, 451].map(
    (status): Case => ({
      title: `H30 ${status} is not tried again`,
      serve: scripted({ status }),
      outcome: {
        status: 'failed',
        attempts: 1,
        error: { code: 'ERR_HTTP_STATUS', statusCode: status, retryable: false },
      },
      asked: 1,
    }),
  ),
  ...[408, 425, 429, 500, 502, 503, 504, 520, 530].map(
    (status): Case => ({
      title: `H31 ${status} is tried again`,
      serve: scripted({ status }),
      outcome: {
        status: 'failed',
        attempts: 3,
        error: { code: 'ERR_HTTP_STATUS', statusCode: status, retryable: true },
      },
      asked: 3,
    }),
  ),
  {
    title: 'H31 an origin that fails twice',
    serve: scripted([{ status: 500 }, { status: 503 }], asset),
    outcome: attempts(3),
    content: body,
    asked: 3,
  },
  ...[413, 501, 505].map(
    (status): Case => ({
      title: `H32 ${status}`,
      serve: scripted({ status }),
      outcome: failed('ERR_HTTP_STATUS', 1),
      asked: 1,
    }),
  ),
  {
    title: 'H32 413 with Retry-After',
    serve: scripted([{ status: 413, headers: { 'retry-after': '0' } }], asset),
    outcome: attempts(2),
    content: body,
    asked: 2,
  },
]

const retryLater = (value: string | (() => string)): Step[] => [
  {
    status: 503,
    headers: {
      get 'retry-after'() {
        return typeof value === 'function' ? value() : value
      },
    },
  },
]

const inSeconds = (seconds: number) => new Date(Date.now() + 1000 * seconds)
const imf = () => inSeconds(2).toUTCString()
const days = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday']
const rfc850 = () => {
  const date = inSeconds(2)
  const [, day = '', month = '', year = '', time = ''] = date.toUTCString().split(' ')
  return `${days[date.getUTCDay()]}, ${day}-${month}-${year.slice(2)} ${time} GMT`
}
const asctime = () => {
  const [weekday = '', day = '', month = '', year = '', time = ''] = imf().split(' ')
  return `${weekday.slice(0, 3)} ${month} ${day.replace(/^0/, ' ')} ${time} ${year}`
}

const waiting: Case[] = [
  ...(
    [
      ['1', 1000],
      ['0', 0],
      [' 1 ', 1000],
    ] as const
  ).map(
    ([value, apartMs]): Case => ({
      title: `H33 Retry-After: ${JSON.stringify(value)}`,
      serve: scripted(retryLater(value), asset),
      outcome: attempts(2),
      content: body,
      asked: 2,
      apartMs,
    }),
  ),
  ...(
    [
      ['IMF', imf],
      ['RFC 850', rfc850],
      ['asctime', asctime],
    ] as const
  ).map(
    ([name, value]): Case => ({
      // A date counts whole seconds.
      title: `H34 Retry-After as a date of ${name}`,
      serve: scripted(retryLater(value), asset),
      outcome: attempts(2),
      content: body,
      asked: 2,
      apartMs: 900,
    }),
  ),
  {
    title: 'H34 Retry-After in the past',
    serve: scripted(retryLater('Wed, 21 Oct 2015 07:28:00 GMT'), asset),
    outcome: attempts(2),
    content: body,
    asked: 2,
  },
  ...['-1', '+1', '1.0', '1e9', '0x10', '²', '', 'soon'].map(
    (value): Case => ({
      title: `H35 Retry-After: ${JSON.stringify(value)} says nothing`,
      serve: raw([whole(`Retry-After: ${value}\r\n`, '503 Later'), whole()]),
      outcome: attempts(2),
      content: body,
      asked: 2,
    }),
  ),
  {
    title: 'H35 two Retry-After say nothing',
    serve: raw([whole('Retry-After: 100\r\nRetry-After: 200\r\n', '503 Later'), whole()]),
    outcome: attempts(2),
    content: body,
    asked: 2,
  },
  ...['9999999999', '2147483648', '4294967297', 'Fri, 31 Dec 9999 23:59:59 GMT'].map(
    (value): Case => ({
      title: `H36 Retry-After: ${value} is not waited for`,
      serve: scripted({ status: 503, headers: { 'retry-after': value } }),
      outcome: { status: 'failed', error: { code: 'ERR_RETRY_AFTER', retryAt: /^[+\d]/ } },
      asked: 1,
    }),
  ),
]

const version = (n: number): Step => ({ as: { bytes: `${body} ${n}`, etag: `"${n}"` } })
const wrongPart = (range: string | undefined, more: Step = {}): Case['serve'] =>
  scripted(
    (_request, count) =>
      count === 0
        ? cut
        : count === 1
          ? {
              status: 206,
              body: 'dy of an asset',
              headers: { etag: '"v"', ...(range !== undefined && { 'content-range': range }) },
              ...more,
            }
          : {},
    { ...asset, etag: '"v"' },
  )

const versions: Case[] = [
  {
    title: 'H18 a weak ETag is nothing to go on with',
    serve: scripted((request, count) => (count === 0 ? cut : request.headers.range ? { status: 500 } : {}), {
      ...asset,
      etag: 'W/"v"',
    }),
    outcome: attempts(2),
    content: body,
    asked: 2,
  },
  {
    title: 'H19 another version between two attempts',
    serve: scripted([{ ...version(1), ...cut }, version(2)]),
    outcome: attempts(2),
    content: `${body} 2`,
    asked: 2,
  },
  ...(
    [
      ['a wrong start', 'bytes 3-16/20'],
      ['a wrong total', `bytes 7-19/21`],
      ['an unknown unit', 'pages 7-19/20'],
      ['a range that ends before it starts', 'bytes 19-7/20'],
      ['no Content-Range', undefined],
    ] as const
  ).map(
    ([name, range]): Case => ({
      title: `H22 a part with ${name}`,
      serve: wrongPart(range),
      outcome: stored,
      content: body,
      asked: [3, 3],
    }),
  ),
  {
    title: 'H22 parts of many ranges',
    serve: wrongPart(undefined, { headers: { 'content-type': 'multipart/byteranges; boundary=x' } }),
    outcome: stored,
    content: body,
    asked: [3, 3],
  },
  {
    title: 'H23 all of it in answer to a range',
    serve: scripted([cut], { ...asset, ranges: false }),
    outcome: attempts(2),
    content: body,
    asked: 2,
  },
  {
    title: 'H24 a 416 where no byte is missing',
    serve: raw(
      [
        `${head('ETag: "v"\r\nTransfer-Encoding: chunked\r\n')}14\r\n${body}\r\n`,
        head(`ETag: "v"\r\nContent-Range: bytes */${body.length}\r\nContent-Length: 0\r\n`, '416 No'),
      ],
      { end: 'fin' },
    ),
    outcome: attempts(2),
    content: body,
    asked: 2,
  },
  {
    title: 'H24 a 416 of another length',
    serve: scripted(
      (_request, count) =>
        count === 0 ? cut : count === 1 ? { status: 416, headers: { 'content-range': 'bytes */5' } } : {},
      { ...asset, etag: '"v"' },
    ),
    outcome: stored,
    content: body,
    asked: 3,
  },
]

const zeros = Buffer.alloc(20_000_000)

const encodings: Case[] = [
  {
    title: 'H25 a transfer coding that was not asked for',
    serve: raw(`${head('Transfer-Encoding: gzip, chunked\r\n')}5\r\nhello\r\n0\r\n\r\n`),
    outcome: failed('ERR_ENCODING'),
  },
  ...(
    [
      ['gzip', gzipSync],
      ['deflate', deflateSync],
      ['br', brotliCompressSync],
    ] as const
  ).map(
    ([encoding, encode]): Case => ({
      title: `H25 ${encoding} that was not asked for is decoded`,
      serve: scripted({ body: encode(body), headers: { 'content-encoding': encoding } }),
      outcome: { ...stored, encoding, bytes: body.length },
      content: body,
    }),
  ),
  {
    title: 'H25 half of a gzip',
    serve: scripted({ body: gzipSync(body).subarray(0, 25), headers: { 'content-encoding': 'gzip' } }),
    outcome: failed('ERR_BODY_SHORT'),
    asked: [1, 6],
  },
  {
    title: 'H25 what is no gzip',
    serve: scripted({ body, headers: { 'content-encoding': 'gzip' } }),
    outcome: failed('ERR_ENCODING'),
    asked: [1, 6],
  },
  {
    title: 'H25 an unknown encoding',
    serve: scripted({ body, headers: { 'content-encoding': 'zstd' } }),
    outcome: failed('ERR_ENCODING', 1),
    asked: [1, 6],
  },
  {
    title: 'H25 encoded twice',
    serve: scripted({ body: gzipSync(gzipSync(body)), headers: { 'content-encoding': 'gzip, gzip' } }),
    outcome: failed('ERR_ENCODING', 1),
    asked: [1, 6],
  },
  {
    title: 'H25 a bomb',
    serve: scripted({ body: gzipSync(zeros), headers: { 'content-encoding': 'gzip' } }),
    outcome: failed('ERR_ENCODING'),
    asked: [1, 3],
  },
]

const to = (location: string | undefined, status = 302): Step => ({
  status,
  headers: { ...(location !== undefined && { location }) },
})
const chain = (hops: number): Case['serve'] =>
  scripted(({ path }) => {
    const n = Number(/n=(\d+)/.exec(path)?.[1] ?? 0)
    return n < hops ? to(`?n=${n + 1}`) : {}
  }, asset)
const once =
  (location: (url: string) => string): Case['serve'] =>
  async t => {
    const served = await scripted(({ path }) => (/b|moved/.test(path) ? {} : to('')), asset)(t)
    const origin = served.url.replace('/asset', '')
    const from = await scripted(() => to(location(origin)), asset)(t)
    const sentBytes = () => (served.sentBytes?.() ?? 0) + (from.sentBytes?.() ?? 0)
    return { ...from, sentBytes, requests: served.requests ?? (() => []) }
  }

const redirects: Case[] = [
  ...[301, 302, 303, 307, 308].map(
    (status): Case => ({
      title: `H27 ${status}`,
      serve: scripted(({ path }) => (path.endsWith('?b') ? {} : to('?b', status)), asset),
      outcome: attempts(1),
      content: body,
      asked: 2,
    }),
  ),
  { title: 'H27 ten redirects', serve: chain(10), outcome: attempts(1), content: body, asked: 11 },
  { title: 'H27 eleven redirects', serve: chain(11), outcome: failed('ERR_REDIRECT', 1), asked: 11 },
  { title: 'H27 a loop', serve: scripted(to('/asset')), outcome: failed('ERR_REDIRECT', 1), asked: [1, 2] },
  { title: 'H27 no Location', serve: scripted(to(undefined)), outcome: failed('ERR_REDIRECT', 1), asked: 1 },
  {
    title: 'H27 an empty Location',
    serve: scripted(to('')),
    outcome: failed('ERR_REDIRECT', 1),
    asked: [1, 2],
  },
  {
    title: 'H27 two Locations',
    serve: raw(head('Location: /a\r\nLocation: /b\r\nContent-Length: 0\r\n', '302 Found')),
    outcome: failed('ERR_REDIRECT', 1),
    asked: 1,
  },
  {
    title: 'H27 a Location with //host',
    serve: once(origin => `${origin.replace('http:', '')}/b`),
    outcome: stored,
    content: body,
  },
  {
    title: 'H27 a Location of 8 kB with a fragment',
    serve: once(origin => `${origin}/moved?${'x'.repeat(8000)}#part`),
    outcome: stored,
    content: body,
  },
  {
    title: 'H27 a Location with bytes beyond ASCII',
    serve: scripted(
      ({ path }) => (path.includes('b') ? {} : to(Buffer.from('?bä').toString('latin1'))),
      asset,
    ),
    outcome: stored,
    content: body,
    asked: 2,
  },
  ...['file:///etc/passwd', 'data:,hello', 'ftp://127.0.0.1/a', 'javascript:alert(1)', 'http://'].map(
    (location): Case => ({
      title: `H28 a redirect to ${location}`,
      serve: scripted(to(location)),
      outcome: failed('ERR_REDIRECT', 1),
      asked: 1,
    }),
  ),
]

const certificate = makeCertificate(t.testdir())

const connecting: Case[] = [
  {
    title: 'H40 a connection that is closed while idle, each time',
    serve: answering(socket => socket.write(whole(), () => setImmediate(() => socket.end()))),
    outcome: attempts(1),
    content: body,
  },
  {
    title: 'H41 a reset in the handshake',
    serve: greeting(socket => socket.resetAndDestroy(), 'https'),
    outcome: failed('ERR_NETWORK', 3),
  },
  {
    title: 'H41 HTTP where HTTPS is asked for',
    serve: greeting(socket => socket.write(whole()), 'https'),
    outcome: failed('ERR_TLS', 1),
  },
  {
    title: 'H42 a certificate that nobody vouches for',
    serve: raw(whole(), { certificate }),
    outcome: failed('ERR_TLS', 1),
    asked: 0,
  },
  {
    title: 'H43 a name that does not exist',
    serve: nowhere('http://nothing.invalid/asset'),
    outcome: failed('ERR_DNS'),
  },
  {
    title: 'H45 a port that nobody listens on',
    serve: nowhere('http://127.0.0.1:1/asset'),
    outcome: failed('ERR_NETWORK', 3),
  },
  {
    title: 'H45 a network that is not there',
    serve: nowhere('http://[2001:db8::1]/asset'),
    outcome: failed('ERR_NETWORK', 3),
  },
  {
    title: 'H46 a name with an address that is dead',
    async serve(t) {
      const served = await raw(whole())(t)
      return { ...served, url: served.url.replace('127.0.0.1', 'localhost') }
    },
    outcome: attempts(1),
    content: body,
  },
  {
    title: 'H47 a port of another service is a port like any other',
    serve: nowhere('http://127.0.0.1:6000/asset'),
    outcome: failed('ERR_NETWORK', 3),
  },
]

const sha256 = (text: string) =>
  `sha256-${Buffer.from(hash('sha256', text, 'hex'), 'hex').toString('base64')}`

const contents: Case[] = [
  {
    title: 'H49 an error page with a status of 200 is what the origin has',
    serve: scripted({ status: 200, body, headers: { 'content-type': 'text/html' } }),
    outcome: { ...stored, type: 'text/html' },
    content: body,
  },
  {
    title: 'H50 another digest',
    serve: scripted({}, asset),
    entry: { integrity: sha256('other') },
    outcome: failed('ERR_INTEGRITY', 2),
    asked: 2,
  },
  {
    title: 'H50 a digest that is right the second time',
    serve: scripted([{ as: { bytes: 'the body of an assex' } }], asset),
    entry: { integrity: sha256(body) },
    outcome: attempts(2),
    content: body,
    asked: 2,
  },
]

const quick = [
  '-j',
  '200',
  '--check',
  'none',
  '--retries',
  '2',
  '--retry-base',
  '1ms',
  '--retry-max',
  '2ms',
  '--retry-after-max',
  '5s',
]
const cases = [
  ...lengths,
  ...heads,
  ...statuses,
  ...waiting,
  ...versions,
  ...encodings,
  ...redirects,
  ...connecting,
  ...contents,
]

playMatrix(t, { name: 'answers that are wrong', args: quick, cases })
playMatrix(t, { name: 'answers that are wrong, under a cap', args: [...quick, '--bwlimit', '100MB'], cases })

/** Writes `text` every so often for as long as anybody listens. */
const endless = (first: string, text: string, everyMs: number) =>
  answering(socket => {
    socket.write(first)
    const writing = setInterval(() => socket.write(text), everyMs)
    socket.once('close', () => clearInterval(writing))
  })

const impatient = [
  ...quick,
  '--retries',
  '1',
  '--timeout',
  '700ms',
  '--stall-timeout',
  '700ms',
  '--min-rate',
  '2KiB',
  '--max-size',
  '1MiB',
]
const slow: Case[] = [
  {
    title: 'H9 a head that comes byte by byte',
    serve: endless('HTTP/1.1 200 OK\r\n', 'a', 50),
    outcome: failed('ERR_TIMEOUT', 2),
    asked: 2,
  },
  {
    title: 'H9 silence after the head',
    serve: raw(head('Content-Length: 5\r\n')),
    outcome: failed('ERR_STALLED', 2),
    asked: 2,
  },
  {
    title: 'H9 silence within the body',
    serve: raw(`${head('Content-Length: 5000\r\n')}${'x'.repeat(4000)}`),
    outcome: failed('ERR_STALLED', 2),
    asked: 2,
  },
  {
    title: 'H10 a byte at a time',
    serve: endless(head(), 'x', 50),
    outcome: failed('ERR_TOO_SLOW', 2),
    asked: 2,
  },
  {
    title: 'H10 a body without end',
    serve: endless(head(), 'x'.repeat(100_000), 5),
    outcome: failed('ERR_TOO_LARGE', 1),
    asked: 1,
  },
  {
    title: 'H10 a length beyond the limit',
    serve: scripted({}, { size: 1_048_577 }),
    outcome: failed('ERR_TOO_LARGE', 1),
    asked: 1,
  },
  {
    title: 'H12 interim answers without end',
    serve: endless('', interim, 20),
    outcome: failed('ERR_TIMEOUT', 2),
    asked: 2,
  },
  {
    title: 'H41 a handshake that is never answered',
    serve: greeting(() => {}, 'https'),
    outcome: failed('ERR_TIMEOUT', 2),
  },
  {
    title: 'H48 an origin that accepts and is silent',
    serve: raw(''),
    outcome: failed('ERR_TIMEOUT', 2),
    asked: 2,
  },
  {
    title: 'H48 others are not affected',
    serve: scripted({}, asset),
    outcome: attempts(1),
    content: body,
    asked: 1,
  },
]
playMatrix(t, { name: 'origins that are slow, or silent', args: impatient, cases: slow })
playMatrix(t, {
  name: 'origins that are slow, or silent, under a cap',
  args: [...impatient, '--bwlimit', '100MB'],
  cases: slow,
})

const large = { size: 100_000 }
playMatrix(t, {
  name: 'waiting for the own cap',
  args: [
    ...quick,
    '--bwlimit',
    '100KiB',
    '--timeout',
    '500ms',
    '--stall-timeout',
    '500ms',
    '--min-rate',
    '50KiB',
  ],
  cases: ['one', 'another'].map(name => ({
    title: `H11 ${name} asset is slow only by the cap`,
    serve: scripted({}, { ...large, seed: 'a' }),
    outcome: attempts(1),
    content: Buffer.concat([...contentOf('a', 0, large.size)]),
  })),
})

const filler = Buffer.alloc(30_000)
playMatrix(t, {
  name: 'faults under a cap that binds',
  args: [...quick, '--bwlimit', '100KiB'],
  cases: [
    {
      title: 'I10 bodies that are cut off',
      serve: scripted([{ after: 20_000 }, { after: 30_000, end: 'reset' }], { size: 50_000, seed: 'a' }),
      outcome: stored,
      content: Buffer.concat([...contentOf('a', 0, 50_000)]),
    },
    {
      title: 'I10 bodies that are cut off, without ranges',
      serve: scripted([{ after: 20_000 }, { after: 30_000 }], { size: 40_000, seed: 'b', ranges: false }),
      outcome: attempts(3),
      content: Buffer.concat([...contentOf('b', 0, 40_000)]),
    },
    {
      title: 'I10 errors with bodies',
      serve: scripted(
        [
          { status: 500, body: filler },
          { status: 503, body: filler },
        ],
        asset,
      ),
      outcome: attempts(3),
      content: body,
    },
    {
      title: 'I10 redirects with bodies',
      serve: scripted(
        ({ path }) =>
          path.endsWith('?bbb') ? {} : { ...to(`${path}${path.includes('?') ? '' : '?'}b`), body: filler },
        asset,
      ),
      outcome: attempts(1),
      content: body,
    },
    {
      title: 'H19 another version between two ranges',
      serve: scripted((_request, count) => ({ as: { size: 70_000, seed: count === 0 ? 'c' : 'd' } })),
      outcome: attempts(2),
      content: Buffer.concat([...contentOf('d', 0, 70_000)]),
    },
    {
      title: 'I10 a body without a length',
      serve: raw(head() + 'x'.repeat(60_000), { end: 'fin' }),
      outcome: unproven,
      content: 'x'.repeat(60_000),
    },
  ],
})

const [trusted, misnamed, expired] = [
  makeCertificate(join(t.testdirName, 'trusted')),
  makeCertificate(join(t.testdirName, 'misnamed'), { host: '127.0.0.2' }),
  makeCertificate(join(t.testdirName, 'expired'), { isExpired: true }),
]
const authorities = join(t.testdirName, 'authorities.pem')
writeFileSync(authorities, Buffer.concat([trusted, misnamed, expired].map(({ cert }) => cert)))
const outdated = { ...trusted, minVersion: 'TLSv1', maxVersion: 'TLSv1', ciphers: 'DEFAULT@SECLEVEL=0' }

playMatrix(t, {
  name: 'TLS that is wrong',
  args: quick,
  env: { NODE_EXTRA_CA_CERTS: authorities },
  cases: [
    {
      title: 'H5 an end without close_notify proves nothing',
      serve: raw(head() + body, { end: 'fin', certificate: trusted }),
      outcome: unproven,
      content: body,
    },
    {
      title: 'H5 an end without close_notify within a length',
      serve: raw(`${head('Content-Length: 99\r\n')}${body}`, { end: 'fin', certificate: trusted }),
      outcome: failed('ERR_BODY_SHORT', 3),
      asked: 3,
    },
    {
      title: 'H5 a reset below TLS',
      serve: raw(head() + body, { end: 'reset', certificate: trusted }),
      outcome: failed('ERR_NETWORK', 3),
      asked: 3,
    },
    {
      title: 'H28 a redirect from https to http',
      serve: raw(head('Location: http://127.0.0.1:1/\r\nContent-Length: 0\r\n', '302 Found'), {
        certificate: trusted,
      }),
      outcome: failed('ERR_REDIRECT', 1),
      asked: 1,
    },
    {
      title: 'H42 a certificate for another name',
      serve: raw(whole(), { certificate: misnamed }),
      outcome: failed('ERR_TLS', 1),
      asked: 0,
    },
    {
      title: 'H42 a certificate that has expired',
      serve: raw(whole(), { certificate: expired }),
      outcome: failed('ERR_TLS', 1),
      asked: 0,
    },
    {
      title: 'H42 TLS 1.0',
      serve: raw(whole(), { certificate: outdated }),
      outcome: failed('ERR_TLS', 1),
      asked: 0,
    },
    {
      title: 'H42 a certificate that is right',
      serve: raw(whole(), { certificate: trusted }),
      outcome: attempts(1),
      content: body,
      asked: 1,
    },
  ],
})

playMatrix(t, {
  name: 'private networks that are denied',
  args: [...quick, '--private-network', 'deny'],
  cases: [
    '127.0.0.1',
    '127.1',
    '2130706433',
    '0x7f000001',
    '0177.0.0.1',
    '[::1]',
    '[::ffff:7f00:1]',
    '[::127.0.0.1]',
    'localhost',
    'localhost.',
    '10.0.0.1',
    '192.168.0.1',
    '169.254.169.254',
    '[fe80::1]',
    '[fd00::1]',
    '0.0.0.0',
    '①②⑦.⓪.⓪.①',
  ].map(host => ({
    title: `H28 ${host} is in a private network`,
    async serve(t: Test) {
      const served = await scripted({}, asset)(t)
      return { ...served, url: served.url.replace('127.0.0.1', host) }
    },
    // Not every resolver knows the last one.
    outcome:
      host === 'localhost.'
        ? { status: 'failed', error: { code: /PRIVATE|DNS/ } }
        : failed('ERR_PRIVATE_NETWORK', 1),
    asked: 0,
  })),
})

t.test('checks that are answered wrong', async t => {
  const toHead =
    (step: Step): Script =>
    ({ method }) =>
      method === 'HEAD' ? step : {}
  const headWithBody = `HTTP/1.1 200 OK\r\nETag: "v"\r\nContent-Length: ${body.length}\r\n\r\n${body}`
  const unchanged = (by: string) => ({ status: 'skipped', reason: 'unchanged', by })
  const checks: [title: string, second: Script, outcome: object, asset?: Asset][] = [
    ...[400, 403, 405, 501].map((status): [string, Script, object] => [
      `H14 a HEAD that is answered ${status}`,
      toHead({ status }),
      unchanged('not-modified'),
    ]),
    ...[404, 500].map((status): [string, Script, object] => [
      `H14 a HEAD that is answered ${status}, and a GET that is not`,
      toHead({ status }),
      attempts(1),
    ]),
    [
      'H15 a HEAD of another length',
      toHead({ headers: { 'content-length': 999, etag: undefined, 'last-modified': undefined } }),
      attempts(1),
    ],
    ['H16 a HEAD with a body', toHead({ raw: headWithBody, end: 'stall' }), unchanged('etag')],
    ['H17 a HEAD without an answer', toHead({ latencyMs: Number.POSITIVE_INFINITY }), attempts(1)],
    ['H18 a weak ETag and the same length', {}, unchanged('etag'), { etag: 'W/"v"', lastModified: false }],
    [
      'H18 a weak ETag and another length',
      { as: { bytes: `${body}.`, etag: 'W/"v"', lastModified: false } },
      attempts(1),
      { etag: 'W/"v"', lastModified: false },
    ],
  ]
  const origins = await Promise.all(
    checks.map(([, , , more]) => startOrigin({ asset: () => ({ ...asset, etag: '"v"', ...more }) })),
  )
  for (const { close } of origins) t.teardown(close)
  const oracle = openOracle(t)
  const input = origins
    .map(({ url }, index) => JSON.stringify({ url: `${url}/asset`, path: `${index}.bin` }))
    .join('\n')
  const args = ['-o', oracle.out, ...quick, '--check', 'head', '--timeout', '700ms']
  const contents = Object.fromEntries(checks.map((_, index) => [`${index}.bin`, [body, `${body}.`]]))
  await oracle.run(args, { input, rows: checks.length, contents })
  for (const [index, [, second]] of checks.entries()) origins[index]?.script('/asset', second)
  const { outcomes } = await oracle.run(args, { input, rows: checks.length, contents })
  for (const [index, [title, , outcome]] of checks.entries())
    t.match(
      outcomes.find(each => each.index === index),
      outcome,
      title,
    )
})
