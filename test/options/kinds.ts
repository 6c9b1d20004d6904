import t from 'tap'
import { type Kind, kinds } from '../../lib/options/kinds.js'

const off = Number.POSITIVE_INFINITY
const {
  text,
  mediaTypes,
  size,
  sizeOrOff,
  duration,
  durationOrOff,
  rate,
  frequency,
  yes,
  integer,
  oneOf,
  segment,
  failures,
  headers,
} = kinds

type Cases = { kind: Kind<unknown>; good: [given: unknown, value: unknown][]; bad: unknown[] }

const cases: Record<string, Cases> = {
  'text is any text but none': {
    kind: text,
    good: [['a b', 'a b']],
    bad: ['', 7, true, {}, []],
  },
  'media types have a slash, and may have parameters': {
    kind: mediaTypes,
    good: ['*/*', 'image/*,video/mp4', 'image/svg+xml;q=0.9, image/*'].map(types => [types, types]),
    bad: ['', 'foo', '*', 'image/', '/png', '*/png', 'image/png,', 'image/png video/mp4', 7, ['*/*']],
  },
  'a size is written with its unit, or is a number of bytes': {
    kind: size,
    good: [
      ['64KiB', 65536],
      ['1.5MB', 1_500_000],
      ['10M', 10_485_760],
      [1024, 1024],
      [0, 0],
    ],
    bad: ['', 'off', '-1', '1 furlong', -1, 1.5, Number.NaN, off, true],
  },
  'a size can be off where that has a meaning': {
    kind: sizeOrOff,
    good: [
      ['off', off],
      [off, off],
      ['1k', 1024],
    ],
    bad: ['none', -1, 1.5],
  },
  'a duration is written with its unit, or is a number of milliseconds': {
    kind: duration,
    good: [
      ['500ms', 500],
      ['5m', 300_000],
      ['0s', 0],
      [1.5, 1.5],
    ],
    bad: ['', '5', '5 years', -1, Number.NaN, null],
  },
  'a deadline can be off, and 0 is no deadline': {
    kind: durationOrOff,
    good: [
      ['off', off],
      [off, off],
      ['0s', off],
      [0, off],
      ['30s', 30_000],
    ],
    bad: ['none', '30', -1],
  },
  'a rate is written with its unit, or is a number of bytes per second': {
    kind: rate,
    good: [
      ['50mbit', 6_250_000],
      ['10M', 10_485_760],
      ['off', off],
      [off, off],
      [1000, 1000],
    ],
    bad: ['', 'fast', 0, -1, Number.NaN],
  },
  'a frequency is a number of requests, per second unless it says otherwise': {
    kind: frequency,
    good: [
      ['10', 10],
      ['600/m', 10],
      ['off', off],
      [2.5, 2.5],
    ],
    bad: ['', '10/y', 0, -1],
  },
  'a switch is true or false': {
    kind: yes,
    good: [
      [true, true],
      ['true', true],
      ['1', true],
      [false, false],
      ['false', false],
      ['0', false],
    ],
    bad: ['yes', '', 1, 0, null],
  },
  'a whole number lies between its bounds': {
    kind: integer(1, 10),
    good: [
      ['1', 1],
      ['10', 10],
      ['007', 7],
      [5, 5],
    ],
    bad: ['0', '11', '1.5', '1e1', '0x1', '-1', '', 0, 11, 1.5, Number.NaN, '99999999999'],
  },
  'a name is one of those there are': {
    kind: oneOf('head', 'none'),
    good: [['head', 'head']],
    bad: ['Head', '', 7, ['head'], 'constructor'],
  },
  'a segment is auto, off, or at least 1 KiB': {
    kind: segment,
    good: [
      ['auto', 'auto'],
      ['off', 'off'],
      ['64KiB', 65536],
      [1024, 1024],
    ],
    bad: ['1023', 1023, 1500.5, off, 'on'],
  },
  'a limit of failures is a number or a share': {
    kind: failures,
    good: [
      ['off', { count: off }],
      ['0', { count: 0 }],
      ['100', { count: 100 }],
      [7, { count: 7 }],
      ['5%', { share: 0.05 }],
      ['2.5%', { share: 0.025 }],
      ['100%', { share: 1 }],
    ],
    bad: ['', '-1', '1.5', '101%', '%', 1.5, -1, off, {}, null],
  },
  'headers are lines, or an object': {
    kind: headers,
    good: [
      [['A: 1', 'B:2'], { A: '1', B: '2' }],
      ['A: b: c', { A: 'b: c' }],
      ['A:', { A: '' }],
      [{ A: '1' }, { A: '1' }],
      [[], {}],
    ],
    bad: [
      'A',
      ': 1',
      'A B: 1',
      'Host: evil',
      'Range: bytes=0-',
      'A: 1\r\nB: 2',
      ['A: 1', 'B'],
      { A: 1 },
      7,
      null,
    ],
  },
}

for (const [title, { kind, good, bad }] of Object.entries(cases))
  t.test(title, async t => {
    for (const [given, value] of good) t.strictSame(kind.read(given), value, String(JSON.stringify(given)))
    for (const given of bad) t.equal(kind.read(given), undefined, `not ${JSON.stringify(given)}`)
  })

t.test('what is expected completes the sentence of a refusal', async t => {
  t.equal(oneOf('a', 'b', 'c').expected, 'a, b or c')
  t.equal(integer(1, 1024).expected, 'a whole number from 1 to 1024')
})

t.test('only headers and the URL of a pool are secrets, and headers can be given many times', async t => {
  const named = Object.entries({ ...kinds, integer: integer(0, 1), oneOf: oneOf('a') })
  const with_ = (property: keyof Kind<unknown>, value: unknown) =>
    named.filter(([, kind]) => (kind as Kind<unknown>)[property] === value).map(([name]) => name)
  t.strictSame(with_('isSecret', true), ['headers', 'poolUrl'])
  t.strictSame(with_('arity', 'many'), ['headers'])
  t.strictSame(with_('arity', 'none'), ['yes'])
})
