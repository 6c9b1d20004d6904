import dns from 'node:dns'
import type { LookupFunction } from './address-guard.js'

type Answered = Parameters<LookupFunction>[2]

/**
 * Resolves like `lookup`, the system's own unless given, but each name once at a time: whoever asks meanwhile gets the same answer.
 * Look-ups have two of libuv's (1.46) four threads; a name server that is silent would hold them for each connection in turn,
 * and with them the names of all other origins.
 */
export const sharedLookup = (lookup: LookupFunction = dns.lookup): LookupFunction => {
  const waiting = new Map<string, Answered[]>()
  return (hostname, options, answered) => {
    const key = `${hostname} ${JSON.stringify(options)}`
    const others = waiting.get(key)
    if (others) {
      others.push(answered)
      return
    }
    const all = [answered]
    waiting.set(key, all)
    lookup(hostname, options, (...answer) => {
      waiting.delete(key)
      for (const each of all) each(...answer)
    })
  }
}
