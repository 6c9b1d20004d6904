import t from 'tap'
import { panelsOverTime } from '../../bench/chart/panels.js'
import { linear, logarithmic } from '../../bench/chart/scale.js'
import { spansOf } from '../../bench/chart/spans.js'

t.test('a linear axis names round values and places the others between them', async t => {
  const { at, ticks } = linear({ values: [0, 500], places: [200, 100] })
  t.strictSame(ticks, [0, 100, 200, 300, 400, 500])
  t.strictSame([at(0), at(250), at(500)], [200, 150, 100])
})

t.test('a logarithmic axis names powers of ten, and has a place for nothing', async t => {
  const { at, ticks } = logarithmic({ values: [0.1, 1000], places: [0, 400] })
  t.strictSame(ticks, [0.1, 1, 10, 100, 1000])
  t.strictSame([at(1), at(0)].map(Math.round), [100, 0])
})

/** Whether it can be read as XML, and what any part of it would do. */
const isWellFormed = (svg: string): boolean => {
  const open: string[] = []
  for (const [, end, name = '', self] of svg.matchAll(
    /<(\/?)([a-z]+)(?:\s[a-zA-Z0-9:-]+="[^"<]*")*(\/?)>/g,
  )) {
    if (end && open.pop() !== name) return false
    if (!end && !self) open.push(name)
  }
  const rest = svg.replace(/<(\/?)([a-z]+)(?:\s[a-zA-Z0-9:-]+="[^"<]*")*(\/?)>/g, '')
  return open.length === 0 && !rest.includes('<')
}

t.test('panels are a picture with words, for dark ground too, and without scripts', async t => {
  const svg = panelsOverTime({
    title: 'Rates < & >',
    description: 'Nothing happens.',
    panels: [
      {
        title: 'received, Mbit/s',
        series: [
          {
            name: 'sluice',
            colour: 0,
            points: [
              [0, 1],
              [1, 900],
            ],
          },
        ], // prettier-ignore
        most: 100,
        limit: { at: 50, says: 'the cap' },
      },
      { title: 'waits, ms', series: [{ name: '', colour: 1, points: [] }], least: 0.1, most: 1000 },
    ],
  })
  t.ok(isWellFormed(svg))
  t.match(svg, /<title>Rates &lt; &amp; &gt;<\/title>\s*<desc>Nothing happens\.<\/desc>/)
  for (const said of ['received, Mbit/s', 'the cap', 'sluice', 'seconds', 'prefers-color-scheme:dark'])
    t.match(svg, said)
  t.notMatch(svg, /<script|NaN|Infinity|undefined/)
  t.match(svg, 'M64.0 185.8L844.0 67.0', 'what is too much for the panel stays in it')
})

t.test('spans say every value of every contestant', async t => {
  const svg = spansOf({
    title: 'Waits',
    description: 'Long.',
    axis: 'milliseconds',
    values: ['median', 'worst'],
    spans: [
      { name: 'sluice', colour: 0, values: [0.25, 4.2] },
      { name: 'another', colour: 2, values: [26, 338] },
    ],
  })
  t.ok(isWellFormed(svg))
  for (const said of ['sluice', 'another', '>0.3<', '>4.2<', '>26<', '>338<', 'median, worst: milliseconds'])
    t.match(svg, said)
  t.notMatch(svg, /NaN|Infinity|undefined/)
})
