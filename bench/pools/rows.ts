import type { Who } from './actors/contestant.js'
import { faultRows } from './rows-faults.js'
import { steadyRows } from './rows-steady.js'
import { userRows } from './rows-users.js'
import type { Observed, Scenario } from './scenario.js'

/** One number of what came of a scenario, and what it should be. */
export type Figure = {
  name: string
  of: (observed: Observed) => number
  digits?: number
  unit?: string
  atMost?: number
  atLeast?: number
}

export type Row = {
  /** Of the list of tests in docs/pools.md. */
  test: number
  name: string
  scenario: Scenario
  figures: readonly Figure[]
  /** Who is measured besides sluice. */
  others?: readonly Who[]
}

/** Which rows are shown together, as which table. */
export const tables: readonly { name: string; title: string; rows: readonly Row[] }[] = [
  { name: 'pools', title: 'Actors that share one limit', rows: steadyRows },
  { name: 'pools-users', title: 'Users, their limits, and quotas', rows: userRows },
  { name: 'pools-faults', title: 'What actors, Redis and clocks do to a shared limit', rows: faultRows },
]
