import fc from 'fast-check'
import t from 'tap'
import {
  addHash,
  bytesOf,
  cut,
  extensionOf,
  fitComponent,
  isPlain,
  named,
  shortHash,
  toComponent,
} from '../../lib/files/component.js'

t.test('an extension begins at the last dot that has a name before it', t => {
  const cases = { 'a.jpg': '.jpg', 'a.tar.gz': '.gz', '.htaccess': '', 'a.': '', a: '', '..jpg': '', '': '' }
  for (const [name, extension] of Object.entries(cases)) t.equal(extensionOf(name), extension, name)
  t.end()
})

t.test('a hash goes before the extension', t => {
  t.equal(addHash('a.jpg', 'v=1'), `a-${shortHash('v=1')}.jpg`)
  t.equal(addHash('a', 'v=1'), `a-${shortHash('v=1')}`)
  t.end()
})

t.test('the hash is the first half of SHA-256 in hex', t => {
  t.equal(shortHash(''), 'e3b0c44298fc1c149afbf4c8996fb924')
  t.end()
})

t.test('separators, colons and control characters become _', t => {
  t.equal(toComponent('a/b\\c:d\u0000e\u001ff\u007fg\u0080h\u009fi'), 'a_b_c_d_e_f_g_h_i')
  t.equal(toComponent('Zoë 日本 🙂'), 'Zoë 日本 🙂')
  t.end()
})

t.test('a name of dots only becomes _', t => {
  for (const name of ['', '.', '..', '.....']) t.equal(named(name), '_')
  for (const name of ['.a', 'a.', '..a']) t.equal(named(name), name)
  t.end()
})

t.test('a name of 255 bytes stays and one of 256 is cut before its extension', t => {
  const longest = `${'a'.repeat(251)}.jpg`
  t.equal(fitComponent(longest), longest)
  const longer = `a${longest}`
  t.equal(fitComponent(longer), `${'a'.repeat(218)}-${shortHash(longer)}.jpg`)
  t.end()
})

t.test('what stands after a dot is no extension where it leaves no room', t => {
  const name = `a.${'b'.repeat(300)}`
  t.equal(fitComponent(name), `${name.slice(0, 222)}-${shortHash(name)}`)
  t.end()
})

t.test('nothing is ever cut inside a code point', t => {
  fc.assert(
    fc.property(
      fc.string({ unit: 'grapheme', minLength: 80, maxLength: 400 }),
      fc.nat(300),
      (text, bytes) => {
        const head = cut(text, bytes)
        t.ok(text.startsWith(head))
        t.ok(head.isWellFormed())
        t.ok(bytesOf(head) <= bytes)
        t.ok(bytesOf(fitComponent(text)) <= 255)
        t.ok(bytesOf(text) <= bytes || bytesOf(head) > bytes - 4)
      },
    ),
  )
  t.end()
})

t.test('names that differ beyond the cut stay different', t => {
  const names = Array.from({ length: 100 }, (_, n) => fitComponent(`${'é'.repeat(200)}${n}.jpg`))
  t.equal(new Set(names).size, 100)
  t.end()
})

t.test('a path is plain where nothing has to be done for it', t => {
  for (const path of ['a', 'a/b.jpg', 'h_8080/1/2/3/a-b_c@2x, (1)'.replace(/[()]/g, ''), 'a'.repeat(255)])
    t.ok(isPlain(path), path)
  // biome-ignore format: cases
  for (const path of ['', '.', '..', '/a', 'a/', 'a//b', 'a/../b', 'a/.b', '.sluice/a', 'c:a', 'a\\b', 'a\nb', 'a%2e', 'a/%2e%2e', 'ä', 'a'.repeat(256)])
    t.notOk(isPlain(path), path)
  const made = fc.array(fc.constantFrom('a', '.', '/', '..', ':', '%41', ' ', '\u0301', '\\'), {
    maxLength: 12,
  })
  fc.assert(
    fc.property(made, pieces => {
      const path = pieces.join('')
      if (!isPlain(path)) return
      const components = path.split('/')
      t.strictSame(
        components.map(name => fitComponent(named(toComponent(decodeURIComponent(name))))),
        components,
      )
    }),
    { numRuns: 1000 },
  )
  t.end()
})
