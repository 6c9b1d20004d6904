import t from 'tap'
import { halting } from '../../lib/flow/halt.js'
import { resolve } from '../../lib/options/resolve.js'
import { localPool } from '../../lib/rate/pool.js'
import { openPools } from '../../lib/run/pools.js'

const halt = halting({ graceMs: 1 })
t.teardown(halt.close)

t.test('a run has its own budget, or the one that it was given, which stays open', async t => {
  const own = await openPools(resolve({ out: 'd', bwlimit: '8mbit' }), undefined, {
    halt,
    observe: undefined,
  })
  t.equal(own.pool.rate(), 1_000_000)
  t.equal(own.highestRate(), 1_000_000)
  t.equal(own.originPools.size, 0)
  await own.close()
  const given = { ...localPool({ bytesPerSecond: 10 }), close: () => t.fail('the pool is closed') }
  const borrowed = await openPools(resolve({ out: 'd' }), given, { halt, observe: undefined })
  t.equal(borrowed.pool, given)
  await borrowed.close()
})

t.test('where an origin has a pool that cannot be, the run has none', async t => {
  const origins = { 'http://a.test': { pool: 'unix:/nowhere/to/be/found', tpslimit: 5 } }
  const options = resolve({ out: 'd', origins } as Parameters<typeof resolve>[0])
  await t.rejects(openPools(options, undefined, { halt, observe: undefined }), {
    code: /^ERR_(POOL|OPTION)$/,
  })
})
