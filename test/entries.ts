import t from 'tap'
import { BrokenRow } from '../lib/bad-row.js'
import { entries } from '../lib/entries.js'
import { SyncError } from '../lib/errors.js'

t.test('rows are numbered as they come, whatever becomes of them', t => {
  const toItem = entries()
  const broken = new BrokenRow('{', new SyncError('ERR_ENTRY_INVALID', 'expected JSON'))
  t.match(
    [
      'http://a.test/1',
      { url: 'http://a.test/2', sku: 7 },
      'nonsense',
      broken,
      { url: 'http://a.test/3' },
    ].map(toItem),
    [
      { index: 0, url: 'http://a.test/1' },
      { index: 1, url: 'http://a.test/2', extra: { sku: 7 } },
      { index: 2, status: 'failed', error: { code: 'ERR_ENTRY_INVALID' }, url: 'nonsense' },
      { index: 3, status: 'failed', row: '{' },
      { index: 4, url: 'http://a.test/3' },
    ],
  )
  t.match(entries()('http://a.test/1'), { index: 0 }, 'and each list anew')
  t.end()
})
