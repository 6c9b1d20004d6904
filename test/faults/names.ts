import { PassThrough } from 'node:stream'
import { setTimeout } from 'node:timers/promises'
import t, { type Test } from 'tap'
import { type Case, playMatrix } from '../../fixtures/faults/matrix.js'
import { openNames, type Zone } from '../../fixtures/faults/names.js'
import { openOracle } from '../../fixtures/faults/oracle.js'
import { nowhere } from '../../fixtures/faults/serve.js'
import { unproved } from '../../fixtures/unproved.js'

/* What name servers do wrong: rows H43, H44 and H46, and names that lead elsewhere the second time, with a name server of our own. */

const [here, far, farToo, metadata] = ['127.0.0.1', '11.0.0.1', '2a00:1450::1', '169.254.169.254'] as const
const quick = ['-j', '50', '--check', 'none', '--retries', '2', '--retry-base', '1ms', '--retry-max', '2ms']

const failed = (code: string, attempts: number) => ({ status: 'failed', attempts, error: { code } })
const stored = (attempts = 1) => ({ status: 'stored', attempts })

type Row = {
  title: string
  /** Where to; `/` unless given. */
  path?: string
  said: Zone[string]
  outcome: object
  content?: string
  /** How often its name is looked up. */
  lookups: number
}

/** Runs rows at once, each with a name of its own; only the origins of `from` are asked for anything. */
const play = async (
  t: Test,
  { name, args, rows, from }: { name: string; args: readonly string[]; rows: Row[]; from: string[] },
) =>
  t.test(name, async t => {
    t.testdir()
    const zone = Object.fromEntries(rows.map(({ said }, n) => [`n${n}.test`, said]))
    const names = await openNames(t, { zone, origins: [here, far, farToo, metadata] })
    if (!names) return unproved(t, 'this process may not make networks')
    const cases = rows.map(
      ({ title, path = '/', outcome, content }, n): Case => ({
        title,
        serve: nowhere(`http://n${n}.test${path}`),
        outcome,
        ...(content !== undefined && { content }),
      }),
    )
    await playMatrix(t, { name: 'the run', args: [...quick, ...args], cases, by: names.by })
    const heard = await names.heard()
    for (const [n, { title, lookups }] of rows.entries())
      t.equal(heard.lookups[`n${n}.test`], lookups, `${title}: looked up ${lookups} times`)
    const asked = Object.keys(heard.requests).toSorted()
    t.strictSame(asked, [...from].toSorted(), 'nobody else was asked for anything')
    return undefined
  })

await play(t, {
  name: 'names that cannot be resolved',
  from: [here],
  args: [],
  rows: [
    { title: 'H43 NXDOMAIN', said: { status: 3 }, outcome: failed('ERR_DNS', 2), lookups: 2 },
    { title: 'H43 no address', said: {}, outcome: failed('ERR_DNS', 2), lookups: 2 },
    { title: 'H44 SERVFAIL', said: { status: 2 }, outcome: failed('ERR_DNS', 3), lookups: 3 },
    { title: 'H44 REFUSED', said: { status: 5 }, outcome: failed('ERR_DNS', 3), lookups: 3 },
    { title: 'H44 no answer', said: 'silence', outcome: failed('ERR_DNS', 3), lookups: 3 },
    { title: 'H44 what is no answer', said: 'garbage', outcome: failed('ERR_DNS', 3), lookups: 3 },
    {
      title: 'H44 SERVFAIL, and then an address',
      said: [{ status: 2 }, { addresses: [here] }],
      outcome: stored(2),
      content: `from ${here}`,
      lookups: 2,
    },
    {
      title: 'H43 NXDOMAIN, and then an address',
      said: [{ status: 3 }, { addresses: [here] }],
      outcome: stored(2),
      content: `from ${here}`,
      lookups: 2,
    },
    {
      title: 'H46 two addresses, the first refuses',
      said: { addresses: ['127.0.0.9', here] },
      outcome: stored(),
      content: `from ${here}`,
      lookups: 1,
    },
    {
      title: 'H46 two addresses, the second refuses',
      said: { addresses: [here, '127.0.0.9'] },
      outcome: stored(),
      content: `from ${here}`,
      lookups: 1,
    },
    {
      title: 'H46 an address from which nothing comes',
      said: { addresses: ['13.0.0.1', here] },
      outcome: stored(),
      content: `from ${here}`,
      lookups: 1,
    },
    {
      title: 'H46 an address of IPv6 that leads nowhere',
      said: { addresses: ['2001:db8::1', here] },
      outcome: stored(),
      content: `from ${here}`,
      lookups: 1,
    },
    {
      title: 'H45 every address refuses',
      said: { addresses: ['127.0.0.8', '127.0.0.9', '::1'] },
      outcome: failed('ERR_NETWORK', 3),
      lookups: 3,
    },
    {
      title: 'H45 no address can be reached',
      said: { addresses: ['12.0.0.1', '2001:db8::1'] },
      outcome: failed('ERR_NETWORK', 3),
      lookups: 3,
    },
  ],
})

const isPrivate = (attempts: number) => failed('ERR_PRIVATE_NETWORK', attempts)
await play(t, {
  name: 'names that are bound again while private networks are denied',
  from: [far, farToo],
  args: ['--private-network', 'deny'],
  rows: [
    {
      title: 'H28 a public address',
      said: { addresses: [far] },
      outcome: stored(),
      content: `from ${far}`,
      lookups: 1,
    },
    ...[here, metadata, '::1', '::ffff:127.0.0.1', '10.0.0.1'].map(
      (address): Row => ({
        title: `H28 a public address, and ${address} for the next attempt`,
        path: '/busy',
        said: [{ addresses: [far] }, { addresses: [address] }],
        outcome: isPrivate(2),
        lookups: 2,
      }),
    ),
    {
      title: 'H28 a public address of IPv6',
      said: { addresses: [farToo] },
      outcome: stored(),
      content: `from ${farToo}`,
      lookups: 1,
    },
    {
      title: 'H28 a public address, and another for the next attempt',
      path: '/busy',
      said: [{ addresses: [far] }, { addresses: [farToo] }],
      outcome: failed('ERR_HTTP_STATUS', 3),
      lookups: 3,
    },
    {
      title: 'H28 a public address that refuses, and then a private one',
      said: [{ addresses: ['11.0.0.9'] }, { addresses: [metadata] }],
      outcome: isPrivate(2),
      lookups: 2,
    },
    {
      title: 'H28 a public address and a private one',
      said: { addresses: [far, here] },
      outcome: isPrivate(1),
      lookups: 1,
    },
    {
      title: 'H28 a public address, and a private one of IPv6',
      said: { addresses: [far, 'fd00::1'] },
      outcome: isPrivate(1),
      lookups: 1,
    },
    {
      title: 'H28 a redirect to a name that is private by then',
      path: '/?to=itself',
      said: [{ addresses: [far] }, { addresses: [metadata] }],
      outcome: isPrivate(1),
      lookups: 2,
    },
  ].map((row, n) => ({ ...row, path: row.path?.replace('itself', `http://n${n}.test/`) ?? '/' })),
})

t.test('H44 an origin whose name is not resolved delays no other', async t => {
  const oracle = openOracle(t)
  const zone: Zone = { 'silent.test': 'silence', 'other.test': { addresses: [here] } }
  const names = await openNames(t, { zone, origins: [here] })
  if (!names) return unproved(t, 'this process may not make networks')
  const input = new PassThrough()
  for (let n = 0; n < 10; n++) input.write(`http://silent.test/${n}\n`)
  const { outcomes } = await oracle.run(
    ['-o', oracle.out, ...quick, '--retries', '0', '--per-origin', '10'],
    {
      input,
      rows: 11,
      by: names.by,
      async meanwhile() {
        while (((await names.heard()).lookups['silent.test'] ?? 0) === 0) await setTimeout(5)
        await setTimeout(100)
        input.end('http://other.test/')
      },
    },
  )
  t.match(
    outcomes[0],
    { url: 'http://other.test/', status: 'stored' },
    'it is there before any other has failed',
  )
  return undefined
})
