import { gzipSync } from 'node:zlib'
import t from 'tap'
import { everySplit, readChunks } from '../../fixtures/read-manifest.js'
import { opening } from '../../lib/sources/opening.js'
import type { Start } from '../../lib/sources/reader.js'

type Opened = { head?: string; start?: Start; text: string; fault?: string | undefined }

const open = (...chunks: (string | Uint8Array)[]): Opened => {
  const opened: Opened = { text: '' }
  const { fault } = readChunks(
    () =>
      opening([Buffer.from('SIGN')], (head, start) => {
        opened.head = head.toString()
        opened.start = start
        return {
          write: chunk => {
            opened.text += chunk
          },
          end: () => {
            opened.text += '$'
          },
        }
      }),
    chunks,
  )
  return { ...opened, fault }
}

t.test('a reader starts behind the mark and the blanks, and knows where that is', async t => {
  t.match(open('\ufeff \t\r\n\nabc'), { start: { offset: 8, line: 3 }, head: 'abc', text: 'abc$' })
  t.match(open('abc', 'def'), { start: { offset: 0, line: 1 }, head: 'abc', text: 'abcdef$' })
})

t.test('chunk borders change nothing', async t => {
  const bytes = Buffer.from('\ufeff\n \nSIGN e')
  for (const chunks of everySplit(bytes))
    t.match(open(...chunks), { start: { offset: 6, line: 3 }, head: /^SIGN/, text: 'SIGN e$' })
})

t.test('what begins like a sign is waited for, anything else is not', async t => {
  t.equal(open('SI', 'GN!').head, 'SIGN!')
  t.equal(open('S', 'o').head, 'So')
  t.equal(open('x', 'y').head, 'x')
  t.equal(open('SI').head, 'SI', 'the end ends the wait')
})

t.test('a blank manifest opens no reader', async t => {
  for (const text of ['', '\ufeff', ' \r\n', '\ufeff\n\n']) t.match(open(text), { head: undefined, text: '' })
})

t.test('a second mark and half a mark are no mark', async t => {
  t.equal(open('\ufeff\ufeffa').head, '\ufeffa')
  t.equal(open(Buffer.of(0xef)).start?.offset, 0)
})

t.test('gzip is named as what it is, with the way out', async t => {
  const message =
    'expected UTF-8, got gzip; unpack it first: gzip -dc FILE | sluice … (at byte 0 of the manifest)'
  for (const chunks of everySplit(gzipSync('["http://h/1"]').subarray(0, 12)))
    t.strictSame(open(...chunks), { text: '', fault: message })
  t.match(open(Buffer.of(0x1f)), { head: '\x1f' }, 'half a mark is no mark')
})

t.test('UTF-16 is named as what it is', async t => {
  for (const mark of [Buffer.of(0xff, 0xfe), Buffer.of(0xfe, 0xff)])
    for (const chunks of everySplit(Buffer.concat([mark, Buffer.from('[\0')])))
      t.match(open(...chunks), { fault: /UTF-16/, text: '' })
  t.match(open(Buffer.of(0xff, 0xfe)), { fault: /UTF-16/ })
})

t.test('endless blanks are passed over, not held', async t => {
  const blanks = Buffer.alloc(2 ** 20, ' \n')
  const opened = open(...Array.from({ length: 8 }, () => blanks), 'x')
  t.match(opened, { start: { offset: 2 ** 23, line: 2 ** 22 + 1 }, text: 'x$' })
})
