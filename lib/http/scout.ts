import type { Work } from '../work.js'
import type { OriginFacts } from './origins.js'

/** Who waits for a scout: until when at most, how it gives its slot away, and what it gets ready meanwhile. */
export type ScoutOptions = {
  readonly signal: AbortSignal
  readonly rest: Work['rest']
  readonly prepare?: () => void
}

/**
 * Under a cap, lets one request go first to an origin of which nothing is known yet, and the others wait until its answer
 * begins: an origin without ranges would otherwise send as many whole bodies at once as there are assets in flight, none of
 * them granted. Gives what is to be called then. Who waits holds no slot, which the first one may need to come back to.
 */
export const scout = async (
  facts: OriginFacts,
  { signal, rest, prepare }: ScoutOptions,
): Promise<() => void> => {
  const { scout: away } = facts
  if (away !== undefined) {
    if (away === 'back') return () => {}
    prepare?.()
    await rest(() => away)
    return () => {}
  }
  let report = () => {}
  facts.scout = new Promise(resolve => {
    report = () => {
      signal.removeEventListener('abort', report)
      facts.scout = 'back'
      resolve()
    }
  })
  signal.addEventListener('abort', report)
  return report
}
