import { chmodSync, chownSync, lstatSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { shortDirectory } from '../../../fixtures/pool/place.js'
import { socketPath } from '../../../lib/pool/socket/address.js'

const user = process.getuid?.() ?? 0

t.test('unix: names a socket, from the working directory on where it does not begin at the root', async t => {
  t.equal(socketPath('unix:/tmp/pool.sock'), '/tmp/pool.sock')
  t.equal(socketPath('unix:lib/pool.sock'), join(process.cwd(), 'lib/pool.sock'))
})

t.test('local: is in a directory of the user alone, made if absent', async t => {
  const at = shortDirectory(t)
  t.equal(socketPath('local:', { runtime: at }), join(at, 'sluice/pools'))
  t.equal(socketPath('local:', { runtime: at }), join(at, 'sluice/pools'), 'and again')
  t.equal(lstatSync(join(at, 'sluice')).mode & 0o777, 0o700)
  for (const runtime of [undefined, ''])
    t.equal(socketPath('local:', { runtime, temporary: at }), join(at, `sluice-${user}/pools`))
})

const faults: Record<string, [make: (directory: string) => void, fault: string]> = {
  'is open to others': [directory => chmodSync(directory, 0o750), 'has mode 0750'],
  'is a link': [
    directory => {
      rmSync(directory, { recursive: true })
      symlinkSync('/tmp', directory)
    },
    'is no directory',
  ],
  'is a file': [
    directory => {
      rmSync(directory, { recursive: true })
      writeFileSync(directory, '')
    },
    'is no directory',
  ],
}

for (const [title, [make, fault]] of Object.entries(faults))
  t.test(`the directory of local: is refused where it ${title}`, async t => {
    const at = shortDirectory(t)
    const directory = join(at, 'sluice')
    mkdirSync(directory, { mode: 0o700 })
    make(directory)
    t.throws(() => socketPath('local:', { runtime: at }), {
      code: 'ERR_OPTION',
      message: `pool: expected a directory of mode 0700 that belongs to user ${user}, but ${directory} ${fault}`,
    })
  })

t.test('the directory of local: is refused where it belongs to somebody else', async t => {
  if (user !== 0) return t.pass('only root can give one away')
  const at = shortDirectory(t)
  mkdirSync(join(at, 'sluice'), { mode: 0o700 })
  chownSync(join(at, 'sluice'), 12_345, 12_345)
  t.throws(() => socketPath('local:', { runtime: at }), {
    code: 'ERR_OPTION',
    message: /belongs to user 12345$/,
  })
})

t.test('the directory of local: is refused where it cannot be made', async t => {
  t.throws(() => socketPath('local:', { runtime: '/nowhere' }), {
    code: 'ERR_OPTION',
    message: 'pool: /nowhere/sluice cannot be made (ENOENT)',
  })
})

t.test('what cannot be a socket is refused in one clear line', async t => {
  const at = shortDirectory(t)
  const long = join(at, 'a'.repeat(110 - at.length))
  const refusals = {
    [`unix:${long}`]: `pool: expected the path of a socket of at most 107 bytes, got 111: "${long.slice(0, 99)}…`,
    'unix:': 'pool: expected local: or unix:PATH, got "unix:"',
    'unix:/tmp/\0': 'pool: expected local: or unix:PATH, got "unix:/tmp/\\u0000"',
    'local:name': 'pool: expected local: or unix:PATH, got "local:name"',
    'http://host': 'pool: expected local: or unix:PATH, got "http://host"',
    'unix:/nowhere/pool': 'pool: expected a socket in a directory that is there, got "unix:/nowhere/pool"',
  }
  for (const [url, message] of Object.entries(refusals))
    t.throws(() => socketPath(url), { code: 'ERR_OPTION', message }, url)
  t.equal(socketPath(`unix:${long.slice(0, 107)}`), long.slice(0, 107), 'the longest one')
})
