import type { OriginFacts } from './origins.js'

/**
 * Under a cap, lets one request go first to an origin of which nothing is known yet, and the others wait until its answer
 * begins: an origin without ranges would otherwise send as many whole bodies at once as there are assets in flight, none of
 * them granted. Gives what is to be called then; nobody waits longer than until `signal`.
 */
export const scout = async (facts: OriginFacts, signal: AbortSignal): Promise<() => void> => {
  if (facts.scout !== undefined) {
    await facts.scout
    return () => {}
  }
  let report = () => {}
  facts.scout = new Promise(resolve => {
    report = () => {
      signal.removeEventListener('abort', report)
      resolve()
    }
  })
  signal.addEventListener('abort', report)
  return report
}
