import t from 'tap'
import { formatIntegrity, parseIntegrity } from '../lib/integrity.js'

const hash = (algorithm: string, bytes: number) =>
  `${algorithm}-${Buffer.alloc(bytes, 'a').toString('base64')}`

const sha256 = hash('sha256', 32)
const sha512 = hash('sha512', 64)
const md5 = hash('md5', 16)

t.test('of several hashes the strongest is demanded, in canonical base64', async t => {
  const cases: [integrity: string, demanded: string][] = [
    [sha256, sha256],
    [sha512, sha512],
    [md5, md5],
    [`${md5} ${sha256}`, sha256],
    [`${md5} ${sha512}\n\t${sha256} `, sha512],
    [sha256.replace('=', ''), sha256],
    [md5.replace('==', '='), md5],
  ]
  for (const [integrity, demanded] of cases) {
    t.equal(formatIntegrity(parseIntegrity(integrity)), demanded, integrity)
  }
})

t.test('the first of several hashes of the same strength is demanded', async t => {
  const other = `sha256-${Buffer.alloc(32, 'b').toString('base64')}`
  t.strictSame(parseIntegrity(`${sha256} ${other}`), parseIntegrity(sha256))
})

t.test('what cannot be checked is refused, also beside what can', async t => {
  const cases = [
    '',
    'a',
    'sha256-',
    'sha256-AAAA',
    `${sha256}===`,
    sha256.replace('-', '-*'),
    hash('SHA256', 32),
    hash('sha384', 48),
    hash('md5', 32),
    `${sha256} a`,
    `${sha256} ${hash('sha384', 48)}`,
  ]
  for (const integrity of cases)
    t.throws(
      () => parseIntegrity(integrity),
      { code: 'ERR_ENTRY_INVALID', message: /^expected integrity such as sha256-…/ },
      integrity,
    )
})
