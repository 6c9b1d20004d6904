import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import type { IncomingHttpHeaders } from 'node:http'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { makeCertificate } from '../../fixtures/certificate.js'
import { openOracle } from '../../fixtures/faults/oracle.js'
import { type Asset, type Origin, startOrigin } from '../../fixtures/origin.js'
import { treeOf } from '../../fixtures/tree.js'

/* What must not leave, and where it must not go: secrets over redirects, and in whatever is written. */

const secrets = {
  authorization: 'Bearer of-the-entry',
  cookie: 'session=of-the-entry',
  'x-api-key': 'key-of-the-entry',
  'x-of-manifest': 'value-of-the-entry',
}
const ofRun = ['-H', 'x-of-run: value-of-the-run', '-H', 'proxy-authorization: Basic of-the-run']
const all = [...Object.values(secrets), 'value-of-the-run', 'Basic of-the-run', 'user', 'word']

const open = async (t: Test, asset: Asset = { bytes: 'the body' }): Promise<Origin> => {
  const origin = await startOrigin({ asset: () => asset })
  t.teardown(origin.close)
  return origin
}

/** An https origin that answers every request with the body, or where it sends it on to. */
const openSecure = async (t: Test, location?: (path: string) => string | undefined) => {
  const certificate = makeCertificate(join(t.testdirName, 'tls'))
  const requests: { path: string; headers: IncomingHttpHeaders }[] = []
  const server = createServer(certificate, ({ url = '', headers }, response) => {
    requests.push({ path: url, headers })
    const elsewhere = location?.(url)
    if (elsewhere) response.writeHead(302, { location: elsewhere }).end()
    else response.end('the body')
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => server.closeAllConnections())
  t.teardown(() => server.close())
  return { url: `https://127.0.0.1:${(server.address() as AddressInfo).port}`, requests, certificate }
}

const leaked = (headers: IncomingHttpHeaders): string[] =>
  Object.entries({ ...headers, host: '' })
    .filter(
      ([, value]) => all.some(secret => String(value).includes(secret)) || /^Basic /.test(String(value)),
    )
    .map(([name]) => name)

/** Once as a whole, and once in paced ranges: the ones after the first are asked for where the first one came from. */
const ways: [title: string, asset: Asset, args: string[]][] = [
  ['at once', { bytes: 'the body' }, []],
  ['in ranges', { size: 100_000, etag: '"v1"' }, ['--bwlimit', '200mbit', '--segment', '32KiB']],
]

const followRedirects = async (t: Test, asset: Asset, args: readonly string[]): Promise<void> => {
  t.testdir()
  const statuses = [301, 302, 303, 307, 308]
  const [here, other] = [await open(t, asset), await open(t, asset)]
  const secure = await openSecure(t)
  const targets: Record<string, (path: string) => string> = {
    same: path => `${here.url}/to${path}`,
    port: path => `${other.url}/to${path}`,
    scheme: path => `${secure.url}/to${path}`,
    host: path => `${here.url.replace('127.0.0.1', 'localhost')}/to${path}`,
    back: path => `${other.url}/back${path}`,
  }
  const rows: object[] = []
  for (const status of statuses)
    for (const [name, target] of Object.entries(targets)) {
      const path = `/${name}/${status}`
      here.script(`/from${path}`, { status, headers: { location: target(path) } })
      other.script(`/back${path}`, { status, headers: { location: `${here.url}/returned${path}` } })
      for (const [kind, origin, headers] of [
        ['headers', here.url, secrets],
        ['userinfo', here.url.replace('http://', 'http://user:word@'), {}],
      ] as const)
        rows.push({ url: `${origin}/from${path}?${kind}`, path: `${kind}${path}`, headers })
    }
  const oracle = openOracle(t, join(t.testdirName, 'run'))
  const { outcomes, stderr } = await oracle.run(
    ['-o', oracle.out, ...ofRun, ...args, '--check', 'none', '-v'],
    {
      input: rows.map(row => JSON.stringify(row)).join('\n'),
      rows: rows.length,
      secrets: all.filter(secret => secret !== 'user' && secret !== 'word'),
      env: { NODE_EXTRA_CA_CERTS: secure.certificate.file },
    },
  )
  t.ok(outcomes.every(({ status }) => status === 'stored'))
  if (args.length > 0)
    for (const status of statuses) {
      const asked = other.requests.filter(({ path }) => path.startsWith(`/to/port/${status}`))
      const later = asked.filter(({ headers: { range = '' } }) => /^bytes=[1-9]/.test(range))
      t.ok(later.length >= 4, `${later.length} ranges after the first of two assets at /to/port/${status}`)
    }
  for (const { path, headers } of [...other.requests, ...secure.requests])
    t.strictSame(leaked(headers), [], path)
  for (const { path, headers } of here.requests) {
    const isFirst = path.startsWith('/from')
    const isSame = path.startsWith('/to/same')
    if (isFirst || isSame) t.ok(leaked(headers).length >= 3, `${path} gets what is meant for it`)
    else t.strictSame(leaked(headers), [], `${path}: what was dropped does not come back`)
  }
  t.notMatch(stderr, /user:word/)
  const index = Object.keys(treeOf(join(oracle.out, '.sluice')))
  for (const file of index) {
    if (treeOf(join(oracle.out, '.sluice'))[file] === 'directory') continue
    const bytes = readFileSync(join(oracle.out, '.sluice', file), 'latin1')
    for (const secret of [...Object.values(secrets), 'value-of-the-run', 'user:word'])
      t.notOk(bytes.includes(secret), `${file} has no ${secret}`)
  }
}

for (const [title, asset, args] of ways)
  t.test(`what belongs to an origin is sent to it and to no other, whatever redirects say, ${title}`, t =>
    followRedirects(t, asset, args),
  )

t.test('from https nothing goes on over http', async t => {
  t.testdir()
  const plain = await open(t)
  const secure = await openSecure(t, () => `${plain.url}/to`)
  const oracle = openOracle(t, join(t.testdirName, 'run'))
  const { outcomes } = await oracle.run(['-o', oracle.out], {
    rows: 1,
    input: `${secure.url}/from`,
    env: { NODE_EXTRA_CA_CERTS: secure.certificate.file },
  })
  t.match(outcomes, [{ status: 'failed', error: { code: 'ERR_REDIRECT' } }])
  t.strictSame(plain.requests, [])
})

t.test(
  'what an origin says of names and lengths is not followed out of the root, nor onto the terminal',
  async t => {
    const origin = await open(t)
    const nasty = '\u001b]0;owned\u0007'
    const cases: [path: string, headers: Record<string, string>][] = [
      ['/a', { 'content-disposition': 'attachment; filename="../../outside/target"' }],
      ['/b', { 'content-disposition': `attachment; filename*=UTF-8''%2e%2e%2foutside` }],
      ['/c', { 'content-location': '/etc/passwd', 'x-sendfile': '/etc/passwd' }],
      ['/d', { 'set-cookie': 'session=of-origin', link: '</e>; rel=next' }],
    ]
    for (const [path, headers] of cases) origin.script(path, { headers })
    const oracle = openOracle(t)
    const rows = [
      ...cases.map(([path]) => `${origin.url}${path}`),
      `${origin.url}/${encodeURIComponent(nasty)}`,
      `http://${nasty}/`,
    ]
    const { outcomes } = await oracle.run(['-o', oracle.out, '-v', '--path', '{basename}'], {
      input: rows.map(url => JSON.stringify({ url, [nasty]: nasty })).join('\n'),
      rows: rows.length,
    })
    t.strictSame(Object.keys(oracle.stored()).toSorted(), ['_]0;owned_', 'a', 'b', 'c', 'd'])
    t.equal(outcomes.filter(({ status }) => status === 'stored').length, 5)
    t.notOk(
      origin.requests.some(({ headers }) => headers.cookie),
      'no cookie is kept',
    )
  },
)

t.test('bodies of redirects and of errors are not drained without a bound', async t => {
  const origin = await open(t)
  const endless = { size: 2 ** 40 }
  origin.script('/redirect', ({ path }) =>
    path.includes('there')
      ? {}
      : { as: endless, status: 302, headers: { location: '?there' }, body: Buffer.alloc(50_000_000) },
  )
  origin.script('/missing', { status: 404, body: Buffer.alloc(50_000_000) })
  const oracle = openOracle(t)
  const { outcomes } = await oracle.run(['-o', oracle.out, '--retries', '0'], {
    input: `${origin.url}/redirect\n${origin.url}/missing`,
    rows: 2,
    exit: 1,
  })
  t.match(outcomes.map(({ status }) => status).sort(), ['failed', 'stored'])
  const received = outcomes.reduce(
    (sum, outcome) => sum + ('received' in outcome ? (outcome.received ?? 0) : 0),
    0,
  )
  t.ok(received < 5_000_000, `${received} bytes arrived`)
})
