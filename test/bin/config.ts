import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { readConfig } from '../../bin/config.js'

const fileOf = (t: Test, content: string): string => {
  const file = join(t.testdir({}), 'sluice.json')
  writeFileSync(file, content)
  return file
}

t.test('options stand there by their names, as text or as what text would become', async t => {
  const origins = { 'https://cdn.test': { perOrigin: 2 } }
  const given = { out: 'images', perOrigin: 4, timeout: '5s', headers: { 'X-Key': 'k' }, quiet: true }
  t.strictSame(readConfig(fileOf(t, JSON.stringify({ ...given, preset: null, origins }))), { given, origins })
})

t.test('a byte order mark is no fault, and an empty object asks for nothing', async t => {
  t.strictSame(readConfig(fileOf(t, '\uFEFF{}')), { given: {}, origins: {} })
})

t.test('the template can be read', async t => {
  const { given, origins } = readConfig(join(import.meta.dirname, '../../fixtures/sluice.config.json'))
  t.equal(given.preset, 'daily')
  t.ok(Object.keys(origins).length > 0)
})

t.test('what is wrong is named with its file and key', async t => {
  const cases: [content: string, message: string][] = [
    ['[]', 'expected a JSON object of options'],
    ['null', 'expected a JSON object of options'],
    ['', 'expected a JSON object of options, got an empty file'],
    [' \n', 'expected a JSON object of options, got an empty file'],
    ['{"retries": 3, "retries": 4}', '"retries": expected once in one object, got twice'],
    ['{"a": s3cret}', 'expected JSON, got something else at line 1, column 7'],
    ['{\n  "retries": 3,\n}', 'expected JSON, got something else at line 3, column 1'],
    ['{"retries": "x"}', 'retries: expected a whole number from 0 to 1000, got "x"'],
    ['{"retries": [3]}', 'retries: expected a whole number from 0 to 1000, got a list'],
    ['{"per-origin": 3}', 'per-origin: no such option; did you mean perOrigin?'],
    ['{"header": {}}', 'header: no such option; did you mean headers?'],
    ['{"origin": {}}', 'origin: no such option; did you mean origins?'],
    ['{"frobnicate": 1}', 'frobnicate: no such option; see sluice help config'],
    ['{"version": true}', 'version: no such option; see sluice help config'],
    ['{"out": {"Authorization": "s3cret"}}', 'out: expected some text, got an object'],
    [
      '{"headers": "s3cret"}',
      'headers: expected headers such as \'Authorization: Bearer …\', none that sluice sends itself, got "…"',
    ],
    [
      '{"logLevel": "loud"}',
      'logLevel: expected trace, debug, info, warn, error, fatal or silent, got "loud"',
    ],
    [
      '{"origins": {"https://cdn.test": {"perOrign": 1}}}',
      'origins "https://cdn.test": perOrign: no such option; did you mean perOrigin?',
    ],
  ]
  for (const [content, message] of cases) {
    const file = fileOf(t, content)
    t.throws(() => readConfig(file), { code: 'ERR_OPTION', message: `${file}: ${message}` }, message)
  }
})

t.test('a file that cannot be read is named', async t => {
  const dir = t.testdir({})
  const cases: [string, string][] = [
    [join(dir, 'none.json'), 'ENOENT'],
    [dir, 'EISDIR'],
  ]
  for (const [file, code] of cases)
    t.throws(() => readConfig(file), {
      code: 'ERR_OPTION',
      message: `--config: expected a readable file, got ${JSON.stringify(file)} (${code})`,
    })
})
