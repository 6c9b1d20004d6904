import t from 'tap'
import { termsFor } from '../../fixtures/ledger-world.js'
import { nothing } from '../../lib/ledger/terms.js'
import { giveBack } from '../../lib/pool/give-back.js'
import type { Happening } from '../../lib/pool/keeper.js'

/** What is done to give so much back, and whether it was anything. */
const given = async (unused: Partial<typeof nothing>) => {
  const calls: Happening[] = []
  const call = async (happening: Happening) => {
    calls.push(happening)
    return {} as never
  }
  const options = { unused: { ...nothing, ...unused }, user: 'u', weight: 2, terms: termsFor(1) }
  return { isAny: await giveBack(call, options), calls }
}

t.test('bytes go back to the pool, requests and units to their quotas', async t => {
  const { isAny, calls } = await given({ requests: 2, units: 3, bytes: 500 })
  t.ok(isAny)
  t.match(calls, [
    { kind: 'settle', user: 'u', weight: 2, more: { requests: 0, units: 0, bytes: -500 } },
    { kind: 'refund', unused: { requests: 2, units: 3, bytes: 0 } },
  ])
})

t.test('where there is nothing nobody is asked', async t => {
  t.strictSame(await given({}), { isAny: false, calls: [] })
  t.match(await given({ bytes: 1 }), { isAny: true, calls: [{ kind: 'settle' }] })
  t.match(
    await given({ bytes: -7 }),
    { isAny: true, calls: [{ kind: 'settle', more: { bytes: 7 } }] },
    'what is owed is paid',
  )
  t.match(await given({ units: 1 }), { isAny: true, calls: [{ kind: 'refund' }] })
})
