import { kinds } from './kinds.js'
import { type Provider, providers } from './providers.js'
import type { Row } from './table.js'
import { type UnitCost, unitCosts } from './unit-costs.js'

const { frequency, oneOf } = kinds

const unitRate = { ...frequency, expected: 'a number of units such as 100, 1000000/m or off' }

/** What only a section of `origins` can have: an origin's own pool is bound to its provider. */
export const originTable = {
  provider: {
    kind: oneOf(...(Object.keys(providers) as Provider[])),
    help: 'limits and costs as the provider gives them: google-drive, box or dropbox; what is given besides wins',
  },
  unitlimit: { kind: unitRate, help: "units of the provider's own per unit of time, for all" },
  userUnitlimit: { kind: unitRate, help: 'units that one user may use at most' },
  unitCosts: {
    kind: unitCosts,
    help: 'units that a request costs, by method and path; 1 where nothing is said',
  },
  pushBack: {
    kind: oneOf('pool', 'user'),
    help: 'whom a Retry-After, a 429 or a 503 holds up: all of the pool, which is the default, or the user whose request it was',
  },
} satisfies Record<string, Row<unknown>>

/** The table by type. */
export type OriginTable = typeof originTable

/** What the options are called that only an origin can have. */
export type OwnOptionName = keyof OriginTable

/** What each of them becomes once it is read. */
export type OwnOptionValues = {
  [Name in OwnOptionName]: Exclude<ReturnType<OriginTable[Name]['kind']['read']>, undefined>
}

/** How one of them is given. */
export type OwnOptionInput<Name extends OwnOptionName> = OwnOptionValues[Name] extends readonly UnitCost[]
  ? Readonly<Record<string, number>>
  : OwnOptionValues[Name] extends string
    ? OwnOptionValues[Name]
    : string | number
