import type { Kind } from './kinds.js'

/** What requests of one sort cost in a provider's own units. */
export type UnitCost = {
  /** `GET`, `HEAD`; undefined for both. */
  readonly method: string | undefined
  readonly path: RegExp
  /** Parameters that the query has, in any order and among others. */
  readonly query: readonly (readonly [name: string, value: string])[]
  readonly units: number
}

/** Costs by sort of request; the first that fits counts, so that special ones come before those they are part of. */
export const unitCosts: Kind<readonly UnitCost[]> = {
  expected: 'units by request, such as { "GET /v3/files/*?alt=media": 200, "/**": 5 }',
  read(given) {
    if (typeof given !== 'object' || given === null || Array.isArray(given)) return undefined
    const costs = Object.entries(given).map(([sort, units]) => readCost(sort, units))
    return costs.includes(undefined) ? undefined : (costs as UnitCost[])
  },
}

const readCost = (sort: string, units: unknown): UnitCost | undefined => {
  const [, method, path, query = ''] = /^(?:(GET|HEAD) )?(\/[^?\s]*)(?:\?(\S+))?$/.exec(sort) ?? []
  if (path === undefined || !(typeof units === 'number' && units >= 0 && units < 1e9)) return undefined
  return { method, path: globOf(path), query: [...new URLSearchParams(query)], units }
}

/** `*` stands for anything without a slash, `**` for anything. */
const globOf = (glob: string): RegExp => {
  const parts = glob.split(/(\*\*?)/).map(part => {
    if (part === '**') return '.*'
    return part === '*' ? '[^/]*' : part.replace(/[.+^${}()|[\]\\]/g, '\\$&')
  })
  return new RegExp(`^${parts.join('')}$`)
}

/** What a request costs: 1 where nothing is said of it, as providers count where all requests are alike. */
export const unitsOf = (
  costs: readonly UnitCost[],
  method: string,
  { pathname, searchParams }: URL,
): number =>
  costs.find(
    cost =>
      (cost.method === undefined || cost.method === method) &&
      cost.path.test(pathname) &&
      cost.query.every(([name, value]) => searchParams.getAll(name).includes(value)),
  )?.units ?? 1
