import t from 'tap'
import { recordingPool } from '../../fixtures/recording-pool.js'
import { SyncError } from '../../lib/errors.js'
import { halting } from '../../lib/flow/halt.js'
import type { Options } from '../../lib/options/given.js'
import { resolve } from '../../lib/options/resolve.js'
import type { JoinOptions } from '../../lib/run/open-joined-pool.js'
import { openOriginPools } from '../../lib/run/origin-pools.js'

const [drive, box] = ['https://www.googleapis.com', 'https://api.box.com:8443'] as const
const off = Number.POSITIVE_INFINITY

/** Pools that are joined in a test, and left. */
const openWith = (
  t: { teardown(end: () => void): void },
  refuses: (options: JoinOptions) => boolean = () => false,
) => {
  const joined: JoinOptions[] = []
  const left: string[] = []
  const halt = halting({ graceMs: 1 })
  t.teardown(halt.close)
  const open = async (options: JoinOptions) => {
    if (refuses(options)) throw new SyncError('ERR_POOL', 'a wrong password')
    joined.push(options)
    const leave = async () => void left.push(options.poolName)
    return { ...recordingPool(), highestRate: () => off, leave }
  }
  const pools = (options: Partial<Options>) =>
    openOriginPools(resolve({ out: 'd', ...options }), { halt, observe: undefined, open })
  return { joined, left, pools }
}

t.test('an origin that has a pool has the limits of its section in it, and none of the run', async t => {
  const { joined, left, pools } = openWith(t)
  const { pools: opened, leave } = await pools({
    pool: 'redis://link',
    bwlimit: '50mbit',
    tpslimit: 5,
    userTpslimit: 2,
    quota: '9/d',
    poolName: 'office',
    poolUser: 'alice',
    poolWeight: 3,
    poolLost: 'share',
    origins: {
      [drive]: { pool: 'local:', provider: 'google-drive', tpslimit: 20 },
      [box]: { quota: '50000/mo' },
    },
  })
  t.strictSame([...opened.keys()], [drive, box])
  const [first, second] = joined
  t.match(first, {
    pool: 'local:',
    poolName: 'google-drive',
    poolUser: 'alice',
    poolWeight: 3,
    poolLost: 'share',
    tpslimit: 20,
    userTpslimit: off,
    unitlimit: 1_000_000 / 60,
    quotaZone: 'America/Los_Angeles',
    pushBack: 'user',
  })
  t.equal(first?.bwlimit.rateAt(new Date()), off)
  t.match(second, {
    pool: 'redis://link',
    poolName: 'api.box.com_8443',
    tpslimit: off,
    quota: [{ of: 'requests', limit: 50_000, per: 'month' }],
    quotaZone: 'UTC',
    pushBack: 'pool',
  })
  await leave()
  t.strictSame(left, ['api.box.com_8443', 'google-drive'], 'the first may serve the others')
})

t.test('an origin with limits that a process can keep alone joins nothing', async t => {
  const { joined, pools } = openWith(t)
  await pools({ pool: 'local:', origins: { [box]: { bwlimit: '1mbit', tpslimit: 5, perOrigin: 2 } } })
  t.strictSame(joined, [])
})

t.test('where one of them cannot be joined, the others are left', async t => {
  const { left, pools } = openWith(t, ({ poolName }) => poolName === 'box')
  const origins = { [drive]: { poolName: 'drive' }, [box]: { poolName: 'box' } }
  await t.rejects(pools({ pool: 'local:', origins }), { code: 'ERR_POOL' })
  t.strictSame(left, ['drive'])
})
