import fc from 'fast-check'
import t from 'tap'
import { BrokenRow, badRow, isBadRow, toEntry } from '../lib/bad-row.js'
import { SyncError } from '../lib/errors.js'
import { failed, isOutcome, toLine } from '../lib/outcome.js'

t.test('a bad row comes back as the reason, with as much of it as can be repeated', t => {
  const long = 'x'.repeat(1000)
  const bad = toEntry(long, 1)
  t.match(bad, { index: 1, error: { code: 'ERR_ENTRY_INVALID' } })
  t.strictSame(bad.extra, { url: long }, 'a string is a URL')
  t.match(toEntry({ url: 'ftp://h/', path: 'p', sku: 1, status: 'stored' }, 2), {
    index: 2,
    extra: { url: 'ftp://h/', path: 'p', sku: 1, status: undefined },
    error: { code: 'ERR_URL_SCHEME' },
  })
  t.match(toEntry([1], 3), { extra: { row: '[1]' } })
  t.match(toEntry(undefined, 3), { extra: { row: 'nothing' } })
  const error = new SyncError('ERR_ENTRY_INVALID', 'not JSON')
  t.same(toEntry(new BrokenRow('{', error), 4), { index: 4, extra: { row: '{' }, error })
  t.same(toEntry(new BrokenRow(long, error), 4).extra, { row: 'x'.repeat(200) })
  t.same(toEntry(new BrokenRow({ sku: 'a', bytes: 1 }, error), 5), { index: 5, extra: { sku: 'a' }, error })
  t.match(toEntry('https://h/', 5), { index: 5, url: 'https://h/' })
  t.end()
})

t.test('what is repeated of a bad row always makes a line of JSON', t => {
  const list: unknown[] = []
  list.push(list)
  const row: Record<string, unknown> = { url: list, size: 10n, sku: 1 }
  row['self'] = row
  const { url, size, sku, self } = toEntry(row, 0).extra
  t.match({ url, size, self }, { url: /Circular/, size: '"10n"', self: /Circular/ })
  t.equal(sku, 1, 'the rest as it was given')
  for (const bad of [row, list]) {
    const item = toEntry(bad, 0)
    t.match(isBadRow(item) && JSON.parse(toLine(failed(item, item.error))), {
      status: 'failed',
      error: { code: 'ERR_ENTRY_INVALID' },
    })
  }
  t.end()
})

t.test('a row that throws when it is read is a bad row, whichever of its fields does', t => {
  const throwing = {
    get(): never {
      throw new TypeError('no longer attached')
    },
    enumerable: true,
  }
  for (const row of [
    Object.defineProperty({}, 'url', throwing),
    Object.defineProperty({ url: 'https://h/' }, 'sku', throwing),
    Object.defineProperty({ url: 7 }, 'sku', throwing),
  ])
    t.match(toEntry(row, 3), {
      index: 3,
      extra: {},
      error: { code: 'ERR_ENTRY_INVALID', message: 'the row cannot be read: no longer attached' },
    })
  t.end()
})

t.test('a URL object is as good as its text, as a row and as its url', t => {
  const url = new URL('https://h/a b')
  t.match(toEntry(url, 0), { url: 'https://h/a%20b' })
  t.match(toEntry({ url, sku: 1 }, 0), { url: 'https://h/a%20b', extra: { sku: 1 } })
  const other = new URL('ftp://h/a')
  t.strictSame(toEntry(other, 0).extra, { url: 'ftp://h/a' })
  t.strictSame(toEntry({ url: other }, 0).extra, { url: 'ftp://h/a' })
  t.end()
})

t.test('every row is an entry or a bad row, never both', t => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.anything({ withBigInt: true }),
        fc.webUrl(),
        fc.record({ url: fc.webUrl(), size: fc.anything() }),
      ),
      row => {
        const item = toEntry(row, 0)
        return isBadRow(item) ? !('assetUrl' in item) : item.assetUrl instanceof URL && !isOutcome(item)
      },
    ),
    { numRuns: 500 },
  )
  t.equal(isBadRow(badRow('x', 0, new SyncError('ERR_ENTRY_INVALID', ''))), true)
  t.equal(isBadRow({ status: 'failed', error: {} }), false)
  t.end()
})
