import t from 'tap'
import { type ExtraOf, echo, type Wish } from '../lib/echo.js'

t.test('what outcomes define is not taken over, everything else is', t => {
  const outcome = {
    ...{
      index: 3,
      url: 'http://a.test/1',
      path: 'a',
      status: 'failed',
      reason: 'r',
      by: 'etag',
      of: 1,
    },
    ...{ bytes: 1, received: 1, etag: 'e', lastModified: 'm', type: 't', digest: 'd', verified: false },
    ...{ encoding: 'gzip', attempts: 1, ms: 1, error: {} },
  }
  const extra = { size: 5, integrity: 'md5-', headers: {}, sku: 'x', row: 7, toString: 1 }
  t.strictSame(echo({ ...outcome, ...extra }), extra)
  const hostile = JSON.parse('{"__proto__":{"a":1}}') as Record<string, unknown>
  t.strictSame(Object.keys(echo(hostile)), ['__proto__'])
  t.end()
})

/** Compiles only where both types are the same. */
type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false

class Product {
  readonly url = new URL('http://a.test/')
  readonly sku = 'x'
  price(): number {
    return this.sku.length
  }
}

t.test('the types of rows say the same', t => {
  const cases: [
    Same<ExtraOf<string>, unknown>,
    Same<ExtraOf<never>, unknown>,
    Same<ExtraOf<unknown>, Record<string, unknown>>,
    Same<keyof ExtraOf<{ url: string; path: string; sku: string; size?: number }>, 'sku' | 'size'>,
    Same<ExtraOf<{ url: string; sku?: 'x' }>['sku'], 'x' | undefined>,
    Same<ExtraOf<URL>, unknown>,
    Same<ExtraOf<Uint8Array>, Record<string, unknown>>,
    Same<ExtraOf<string | { url: string; sku: 'x' }>, { sku?: 'x' }>,
    Same<keyof ExtraOf<Product>, 'sku'>,
  ] = [true, true, true, true, true, true, true, true, true]
  t.ok(cases.every(isSame => isSame))
  t.end()
})

t.test('rows that can never be entries are told by their type', t => {
  const cases: [
    Same<Wish<string | URL>, unknown>,
    Same<Wish<unknown>, unknown>,
    Same<Wish<Record<string, unknown>>, unknown>,
    Same<Wish<{ url?: string; sku: number }>, unknown>,
    Same<Wish<string | { url: URL }>, unknown>,
    Same<Wish<number>, unknown>,
    Same<Wish<{ sku: number }>, unknown>,
    Same<Wish<{ url: number }>, unknown>,
    Same<Wish<string | { sku: number }>, unknown>,
  ] = [true, true, true, true, true, false, false, false, false]
  t.equal(cases.filter(canBe => canBe).length, 5)
  t.end()
})
