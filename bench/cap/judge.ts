import type { Measured } from './measure.js'
import type { Goal } from './rows.js'

/** What had to come out of a row, in words, and whether it did; nothing where there is no goal, or nothing to compare with. */
export const judge = (
  goal: Goal | undefined,
  measured: Omit<Measured, 'tenths'>,
  idleP99: number | undefined,
): { goal?: string; holds?: string } => {
  if (!goal) return {}
  const { used, worstSecond, worstTenth, neighbourMs } = goal
  const bounds: [says: string, holds: boolean][] = [[`≥ ${used}`, measured.used >= used]]
  if (worstSecond) bounds.push([`≤ ${worstSecond} x`, measured.worstSecond <= worstSecond])
  if (worstTenth) bounds.push([`≤ ${worstTenth} x`, measured.worstTenth <= worstTenth])
  if (neighbourMs && idleP99 !== undefined) {
    const bound = 2 * idleP99 + neighbourMs
    bounds.push([`p99 ≤ ${bound.toFixed(1)} ms`, measured.p99 <= bound])
  }
  return {
    goal: bounds.map(([says]) => says).join(', '),
    holds: bounds.every(([, holds]) => holds) ? 'yes' : 'no',
  }
}
