import t from 'tap'
import { sharedPool } from '../../lib/run/shared-pool.js'

t.test('limits are written as those of a run', t => {
  const pool = sharedPool({ bwlimit: '50mbit', tpslimit: '600/m' })
  t.teardown(pool.close)
  t.equal(pool.rate(), 6_250_000)
  t.equal(pool.requestRate(), 10)
  t.equal(pool.mayCap(), true)
  t.end()
})

t.test('what is not limited is unlimited', t => {
  const pool = sharedPool({})
  t.teardown(pool.close)
  t.equal(pool.rate(), Number.POSITIVE_INFINITY)
  t.equal(pool.requestRate(), Number.POSITIVE_INFINITY)
  t.end()
})

t.test('a limit that cannot be read is refused', t => {
  t.throws(() => sharedPool({ bwlimit: 'fast' }), { code: 'ERR_OPTION', message: /^--bwlimit: expected/ })
  t.throws(() => sharedPool({ bwlimt: '1M' } as object), {
    code: 'ERR_OPTION',
    message: /did you mean bwlimit/,
  })
  for (const options of [{ perOrigin: 3 }, { out: 'd' }])
    t.throws(() => sharedPool(options as object), {
      code: 'ERR_OPTION',
      message: /^(perOrigin|out): expected a limit of a pool \(bwlimit, tpslimit, segment\)/,
    })
  t.end()
})
