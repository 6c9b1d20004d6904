import t from 'tap'
import { manualClock } from '../../fixtures/clock.js'
import { nothing } from '../../lib/ledger/terms.js'
import { noRates } from '../../lib/pool/limits.js'
import { openShare } from '../../lib/pool/share.js'

const claimant = { origin: 'http://a', signal: new AbortController().signal }

/** How many of `cost` are granted in so many ms. */
const grantedIn = async (ms: number, options: Partial<Parameters<typeof openShare>[0]>, cost = {}) => {
  const clock = manualClock()
  const share = openShare({ rates: noRates, user: noRates, actors: 4, clock, ...options })
  let granted = 0
  for (let n = 0; n < 1000; n++) void share?.grant({ ...nothing, ...cost }, claimant).then(() => granted++)
  await clock.advance(ms)
  return { granted, share }
}

t.test('a share is one part of what all had, and no more than the user may have', async t => {
  const hundred = { ...noRates, requestsPerSecond: 100 }
  t.equal(
    (await grantedIn(1000, { rates: hundred }, { requests: 1 })).granted,
    26,
    'and the one that an idle pool has',
  )
  const twenty = { ...noRates, requestsPerSecond: 20 }
  t.equal((await grantedIn(1000, { rates: hundred, user: twenty }, { requests: 1 })).granted, 6)
  t.equal((await grantedIn(1000, { rates: { ...noRates, unitsPerSecond: 400 } }, { units: 10 })).granted, 10)
})

t.test('where nothing says how fast there is nothing to share', async t => {
  t.equal((await grantedIn(0, {})).share, undefined)
})

t.test('what was granted is known, and the rate can change', async t => {
  const { share } = await grantedIn(1000, { rates: { ...noRates, bytesPerSecond: 4000 } }, { bytes: 100 })
  const { bytes = 0 } = share?.granted() ?? {}
  t.ok(bytes >= 900 && bytes <= 1100, `${bytes} bytes`)
  share?.setRate(8000)
  share?.close()
})
