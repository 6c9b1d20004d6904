import dns from 'node:dns'
import { once } from 'node:events'
import { connect } from 'node:net'
import t from 'tap'
import { isPublic, publicLookup, refusePrivateLiteral } from '../../lib/http/address-guard.js'

const special: Record<string, string[]> = {
  loopback: ['127.0.0.1', '127.255.255.254', '::1', '::ffff:127.0.0.1', '::ffff:7f00:1', '::127.0.0.1'],
  private: [
    '10.0.0.1',
    '10.255.255.255',
    '172.16.0.1',
    '172.31.255.255',
    '192.168.0.1',
    '::ffff:10.0.0.1',
    'fc00::1',
    'fd12:3456::1',
  ],
  'link-local': ['169.254.0.1', '169.254.255.255', 'fe80::1', 'fe80::1%eth0', 'febf::1', 'fec0::1'],
  metadata: ['169.254.169.254', '::ffff:169.254.169.254', 'fd00:ec2::254', '100.100.100.200'],
  'carrier-grade NAT': ['100.64.0.1', '100.127.255.255'],
  unspecified: ['0.0.0.0', '0.1.2.3', '::', '::ffff:0.0.0.0'],
  'multicast and broadcast': ['224.0.0.1', '239.255.255.255', '255.255.255.255', 'ff02::1'],
  reserved: ['240.0.0.1', '192.0.0.1', '192.0.2.1', '198.18.0.1', '198.51.100.1', '203.0.113.1'],
  NAT64: ['64:ff9b::7f00:1', '64:ff9b::a9fe:a9fe', '64:ff9b::808:808', '64:ff9b:1::a00:1'],
  '6to4 and Teredo': ['2002:7f00:1::', '2002:a00:1::1', '2001::1', '192.88.99.1'],
  'IPv4 in other disguises': ['::808:808', '::10.0.0.1', '::ffff:0:127.0.0.1'],
  'not given out': ['4000::1', '5f00::1', '3fff::1', '2001:db8::1', '100::1'],
}

t.test('no special address is public', t => {
  for (const [range, addresses] of Object.entries(special))
    for (const address of addresses) t.equal(isPublic(address), false, `${range}: ${address}`)
  t.end()
})

t.test('what answers every machine of a provider is not public', async t => {
  for (const address of ['168.63.129.16', '::ffff:168.63.129.16']) t.notOk(isPublic(address), address)
})

t.test('other addresses are', t => {
  for (const address of [
    '8.8.8.8',
    '9.255.255.255',
    '11.0.0.1',
    '100.63.255.255',
    '100.128.0.1',
    '172.15.0.1',
    '172.32.0.1',
    '192.167.0.1',
    '169.253.0.1',
    '223.255.255.254',
    '::ffff:8.8.8.8',
    '2001:4860:4860::8888',
    '2a00:1450::1',
  ])
    t.equal(isPublic(address), true, address)
  t.end()
})

t.test('a URL with a private address in it is refused, however the address is written', t => {
  for (const host of [
    '127.0.0.1',
    '127.1',
    '0x7f000001',
    '2130706433',
    '0177.0.0.1',
    '①②⑦.⓪.⓪.①',
    '127.0.0.1.',
    '10.0.0.1:8080',
    '169.254.169.254',
    '0',
    '[::1]',
    '[::ffff:127.0.0.1]',
    '[::ffff:7f00:1]',
    '[fe80::1]',
    '[64:ff9b::7f00:1]',
  ])
    t.throws(() => refusePrivateLiteral(new URL(`http://${host}/a`)), { code: 'ERR_PRIVATE_NETWORK' }, host)
  for (const host of ['8.8.8.8', '[2001:4860:4860::8888]', 'localhost', 'example.com', '10.example'])
    t.doesNotThrow(() => refusePrivateLiteral(new URL(`http://${host}/a`)), host)
  t.end()
})

const lookup = (hostname: string, options: dns.LookupOptions) =>
  new Promise<unknown[]>(resolve => publicLookup(hostname, options, (...result) => resolve(result)))

t.test('a name that leads to a private address is refused', async t => {
  for (const all of [true, false])
    for (const name of ['localhost', '127.0.0.1', '::1'])
      t.match(await lookup(name, { all }), [{ code: 'ERR_PRIVATE_NETWORK', scope: 'entry' }], name)
})

t.test('one private address among public ones is enough', async t => {
  t.intercept(dns, 'lookup', {
    value: (
      _hostname: string,
      _options: object,
      callback: (error: null, addresses: dns.LookupAddress[]) => void,
    ) =>
      callback(null, [
        { address: '8.8.8.8', family: 4 },
        { address: '10.0.0.1', family: 4 },
      ]),
  })
  t.match(await lookup('rebound.test', { all: true }), [{ code: 'ERR_PRIVATE_NETWORK' }])
})

t.test('public addresses are handed on, one or all of them as asked', async t => {
  // The resolver takes literals as they are, so that no name service is asked.
  const v4 = { address: '8.8.8.8', family: 4 }
  const v6 = { address: '2001:4860:4860::8888', family: 6 }
  t.strictSame(await lookup(v4.address, { all: true }), [null, [v4]])
  t.strictSame(await lookup(v4.address, { all: false }), [null, v4.address, 4])
  t.strictSame(await lookup(v4.address, {}), [null, v4.address, 4])
  t.strictSame(await lookup(v6.address, { all: true }), [null, [v6]])
  t.strictSame(await lookup(v6.address, {}), [null, v6.address, 6])
})

t.test('a name that does not resolve fails as it does without the guard', async t => {
  t.match(await lookup('no-such-host.invalid', { all: true }), [{ syscall: 'getaddrinfo' }])
})

t.test('a socket that uses the guard never connects to a private address', async t => {
  const socket = connect({ host: 'localhost', port: 9, lookup: publicLookup })
  const [error] = await once(socket, 'error').catch(error => [error])
  t.match(error, { code: 'ERR_PRIVATE_NETWORK' })
  t.equal(socket.destroyed, true)
})
