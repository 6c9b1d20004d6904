import t from 'tap'
import { type Column, markdown, type Row, table } from '../../bench/core/table.js'

const columns: Column[] = [
  { key: 'program', title: 'program' },
  { key: 'seconds', title: 'wall', digits: 2, unit: ' s' },
  { key: 'assets', title: 'assets' },
  { key: 'missing', title: 'missing' },
]
const rows: Row[] = [
  { program: 'sluice', seconds: 1.005, assets: 20_000 },
  { program: 'a | b', seconds: Number.NaN, assets: 1, missing: '3 of 4' },
]

t.test('a table is aligned, numbers to the right', async t => {
  t.equal(
    table(columns, rows),
    [
      'program    wall  assets  missing',
      '-------  ------  ------  -------',
      'sluice   1.01 s  20,000',
      'a | b                 1  3 of 4',
      '',
    ].join('\n'),
  )
})

t.test('the same as Markdown, where no cell breaks out of its row', async t => {
  t.equal(
    markdown(columns, rows),
    [
      '| program | wall | assets | missing |',
      '| --- | ---: | ---: | --- |',
      '| sluice | 1.01 s | 20,000 |  |',
      '| a \\| b |  | 1 | 3 of 4 |',
      '',
    ].join('\n'),
  )
})
