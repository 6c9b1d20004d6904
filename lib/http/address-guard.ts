import dns from 'node:dns'
import type { LookupFunction as NetLookup } from 'node:net'
import ipaddr from 'ipaddr.js'
import { SyncError } from '../errors.js'

export type LookupFunction = NetLookup

/** Resolves like the system does, but fails with ERR_PRIVATE_NETWORK unless every address is a public one: what is checked is what is connected to, so that a name cannot be rebound in between. */
export const publicLookup: LookupFunction = (hostname, options, callback) => {
  dns.lookup(hostname, { ...options, all: true }, (error, addresses) => {
    if (error) return callback(error, '', 4)
    const refused = addresses.find(({ address }) => !isPublic(address))
    if (refused) return callback(refusal(hostname), '', 4)
    if (options.all) return callback(null, addresses)
    const [first] = addresses
    callback(null, first?.address ?? '', first?.family ?? 4)
  })
}

/** Throws for a host that is an address literal of a private network: literals are connected to without a look-up. */
export const refusePrivateLiteral = (url: URL): void => {
  const host = url.hostname.replace(/^\[|\]$/g, '')
  if (ipaddr.isValid(host) && !isPublic(host)) throw refusal(host)
}

/** Whether an address is reachable from the whole internet: not loopback, private, link-local, metadata or otherwise special. */
export const isPublic = (given: string): boolean => {
  const address = ipaddr.process(given)
  if (address.toString() === azurePlatform) return false
  return address.range() === 'unicast' && (address.kind() === 'ipv4' || address.match(globalUnicast))
}

/** Where a machine in Azure asks its host for certificates and configuration: a public address that leads nowhere else. */
const azurePlatform = '168.63.129.16'

/** All that is given out of IPv6; what looks like unicast beyond it, such as IPv4 in `::/96`, leads elsewhere. */
const globalUnicast = ipaddr.IPv6.parseCIDR('2000::/3')

const refusal = (host: string): SyncError =>
  new SyncError(
    'ERR_PRIVATE_NETWORK',
    `${host} is in a private network, which --private-network deny refuses`,
  )
