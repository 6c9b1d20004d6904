import fc from 'fast-check'
import t from 'tap'
import { parseEntry } from '../../lib/entry.js'
import { shortHash } from '../../lib/files/component.js'
import { maxPathBytes, safePath } from '../../lib/files/destination.js'
import { pathTemplate } from '../../lib/files/template.js'

const usual = '{host}{pathname}'

const nameOf = (row: unknown, template = usual, urlKey: 'full' | 'path' = 'full') =>
  pathTemplate(template, { urlKey })(parseEntry(row, 7))

t.test('a URL is named by its host and path', t => {
  const cases: [string, string][] = [
    ['https://h/a/b.jpg', 'h/a/b.jpg'],
    ['https://h:8080/a', 'h_8080/a'],
    ['https://h:443/a', 'h/a'],
    ['http://[::1]:8080/a', '___1__8080/a'],
    ['https://me:secret@h/a#part', 'h/a'],
    ['https://h/', 'h/index'],
    ['https://h/a/', 'h/a/index'],
    ['https://h//a', 'h/_/a'],
    ['https://h/a%20b/%C3%A9.jpg', 'h/a b/é.jpg'],
    ['https://h/%252e%252e/a', 'h/%2e%2e/a'],
    ['https://h/%2e%2e/%2E/a', 'h/a'],
    ['https://h/.../a', 'h/_/a'],
    ['https://h/..%2f..%2Fa', 'h/.._.._a'],
    ['https://h/a%5Cb%3Ac:d', 'h/a_b_c_d'],
    ['https://h/a%00%0a%7f%C2%9Bb', 'h/a____b'],
    ['https://h/%zz%4/100%', 'h/%zz%4/100%'],
    ['https://h/%FF%41%C3', 'h/%FFA%C3'],
    ['https://h/%ED%A0%80%C0%AF%F4%90%80%80', 'h/%ED%A0%80%C0%AF%F4%90%80%80'],
    ['https://h/%E2%82%AC%F0%9F%99%82%ed%9f%bf', 'h/€🙂\ud7ff'],
    ['https://.sluice/a', '_sluice/a'],
    ['https://h/.sluice/a', 'h/.sluice/a'],
    ['http://../a', '_/a'],
  ]
  for (const [url, path] of cases) t.equal(nameOf(url), path, url)
  t.end()
})

t.test('a query goes into the name as a hash before the extension', t => {
  const hash = shortHash('v=1&w=%20')
  t.equal(nameOf('https://h/a.jpg?v=1&w=%20'), `h/a-${hash}.jpg`)
  t.equal(nameOf('https://h/?v=1&w=%20'), `h/index-${hash}`)
  t.equal(nameOf('https://h/a.jpg?v=1&w=%20', '{basename}'), `a-${hash}.jpg`)
  t.equal(nameOf('https://h/a.jpg?v=1&w=%20', '{index}{ext}'), '7.jpg')
  t.equal(nameOf('https://h/a.jpg?'), 'h/a.jpg')
  t.end()
})

t.test('a query that does not identify the asset does not name it either', t => {
  t.equal(nameOf('https://h/a.jpg?v=1', usual, 'path'), 'h/a.jpg')
  t.equal(nameOf('https://h/a.jpg?v=1', '{hash}', 'path'), shortHash('https://h/a.jpg'))
  t.end()
})

t.test('every placeholder stands for what it says', t => {
  const row = { url: 'https://h:81/p/q.tar.gz', sku: 'A/1', n: 42, size: 3, etag: '"e"', lastModified: 'now' }
  const cases: [string, string][] = [
    ['{host}', 'h_81'],
    ['{pathname}', 'p/q.tar.gz'],
    ['x/{pathname}', 'x/p/q.tar.gz'],
    ['x{pathname}', 'x/p/q.tar.gz'],
    ['{pathname}{ext}', 'p/q.tar.gz.gz'],
    ['{ext}', '.gz'],
    ['{basename}', 'q.tar.gz'],
    ['{hash}{ext}', `${shortHash('https://h:81/p/q.tar.gz')}.gz`],
    ['{index}', '7'],
    ['by sku/{sku}-{n}.{size}', 'by sku/A_1-42.3'],
    ['{etag} {lastModified}', '"e" now'],
    ['fixed', 'fixed'],
  ]
  for (const [template, path] of cases) t.equal(nameOf(row, template), path, template)
  t.equal(nameOf('https://me:secret@h/a#b', '{hash}'), shortHash('https://h/a'))
  t.end()
})

t.test('a field that the entry lacks, or that is no text, refuses the entry', t => {
  const row = { url: 'https://h/a', none: null, list: ['a'], flag: true, broken: '\ud800' }
  for (const name of ['missing', 'none', 'list', 'flag', 'broken', 'constructor', '__proto__', 'etag'])
    t.throws(
      () => nameOf(row, `x/{${name}}`),
      { code: 'ERR_PATH_INVALID', message: new RegExp(`"${name}"`) },
      name,
    )
  t.throws(() => nameOf(row, '{missing}'), { message: /"missing", which the entry has not$/ })
  t.throws(() => nameOf(row, '{list}'), { message: /"list" as a string or a number$/ })
  t.end()
})

t.test('fields cannot lead anywhere', t => {
  const cases: [string, string, string][] = [
    ['{f}/a', '..', '_/a'],
    ['{f}/a', '', '_/a'],
    ['{f}.', '.', '_'],
    ['{f}/a', '../../etc', '.._.._etc/a'],
    ['{f}/a', '/etc', '_etc/a'],
    ['{f}/a', 'C:\\', 'C__/a'],
    ['{f}/a', '.Sluice', '_Sluice/a'],
    ['{f}/a', '\u200b.sluice', '\u200b_sluice/a'],
    ['.{f}/a', 'sluice', '_sluice/a'],
  ]
  for (const [template, f, path] of cases)
    t.equal(nameOf({ url: 'https://h/', f }, template), path, `${template} ${f}`)
  t.equal(nameOf('https://c/', '{ext}{host}:{index}'), 'c_7')
  t.end()
})

t.test('a template that cannot name a path is refused before anything is named', t => {
  const cases: [string, RegExp][] = [
    ['', /relative path/],
    ['/{host}', /relative path/],
    ['../{host}', /relative path/],
    ['{host}/', /relative path/],
    ['{host}//a', /relative path/],
    ['.sluice/{host}', /relative path/],
    ['{host}\\a', /relative path/],
    ['{host}\u0000', /relative path/],
    ['{host}/{pathname', /unmatched brace at "\{pathname"/],
    ['host}', /unmatched brace at "\}"/],
    ['{{host}}', /unmatched brace/],
    ['{type}{ext}', /\{type\} is reserved for outcomes/],
    ['{status}/{basename}', /\{status\} is reserved for outcomes/],
    ['{}', /unknown placeholder \{\}/],
    ['{url}', /unknown placeholder \{url\}/],
    ['{headers}', /unknown placeholder \{headers\}/],
  ]
  for (const [template, message] of cases)
    t.throws(() => pathTemplate(template, { urlKey: 'full' }), { code: 'ERR_OPTION', message }, template)
  t.end()
})

t.test('long components and long paths are shortened to names of their own', t => {
  const long = `${'ü'.repeat(200)}.jpg`
  t.equal(nameOf(`https://h/${long}`), `h/${'ü'.repeat(109)}-${shortHash(long)}.jpg`)
  const deep = (name: string) => nameOf(`https://h/${'directory/'.repeat(1000)}${name}.jpg?q`)
  t.ok(deep('a').length <= maxPathBytes)
  t.match(deep('a'), /^h\/(directory\/)+a-[0-9a-f]{32}-[0-9a-f]{32}\.jpg$/)
  t.not(deep('a'), deep('b'))
  const hidden = '..a/'.repeat(2000)
  t.equal(safePath(nameOf(`https://h/${hidden}`)), nameOf(`https://h/${hidden}`))
  const query = (q: number) => nameOf(`https://h/${'a'.repeat(250)}${q % 2}.jpg?${q}`)
  t.equal(new Set(Array.from({ length: 50 }, (_, q) => query(q))).size, 50)
  t.end()
})

t.test('what a URL is made of never makes its name unsafe', t => {
  const templates = [
    usual,
    '{pathname}',
    '{basename}',
    '{host}',
    '{ext}',
    '{ext}{ext}',
    '.{basename}',
    '{ext}{host}:{ext}/{ext}{pathname}',
  ]
  const escaped = fc.nat(255).map(byte => `%${byte.toString(16).padStart(2, '0')}`)
  const piece = fc.oneof(
    escaped,
    fc.constantFrom(
      '/',
      '//',
      '.',
      '..',
      '%2e%2e',
      '%2F',
      '%',
      '.sluice',
      '.SLUICE/',
      'c:',
      '?',
      '#',
      '%E2%80%AE',
      'a'.repeat(300),
    ),
    fc.string({ unit: 'grapheme' }),
    fc.string(),
  )
  const url = fc
    .tuple(
      fc.constantFrom('h', '..', '.sluice', '[::1]:8', 'c:8', '日本.example'),
      fc.array(piece, { maxLength: 20 }),
    )
    .map(([host, pieces]) => `http://${host}/${pieces.join('')}`)
    .filter(url => URL.canParse(url) && url.isWellFormed() && !/\p{Cc}/u.test(url))
  fc.assert(
    fc.property(
      url,
      fc.constantFrom(...templates),
      fc.constantFrom('full' as const, 'path' as const),
      (url, template, urlKey) => {
        const name = nameOf(url, template, urlKey)
        t.equal(safePath(name), name)
      },
    ),
    { numRuns: 2000 },
  )
  t.end()
})

t.test('a URL of a megabyte is named at once', t => {
  const started = performance.now()
  for (const part of ['a', '/', '.', '%', '%2', '%e0', 'a.', '%F4%8F%BF%BF', ':'])
    nameOf(`https://h/${part.repeat(1e6 / part.length)}`)
  for (const part of ['{', '}', '{a}', '{pathname}'])
    t.throws(() => pathTemplate(part.repeat(1e6 / part.length), { urlKey: 'full' }), { code: 'ERR_OPTION' })
  t.ok(performance.now() - started < 10_000)
  t.end()
})
