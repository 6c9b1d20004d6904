import type { Network } from './network.js'
import { runTool } from './run-tool.js'

/** A link between two networks, known by its ends. */
export type Link = {
  /** What the near end is called there. */
  readonly device: string
  readonly nearAddress: string
  readonly farAddress: string
  /** From now on the far end sends no faster than this; as tc writes it, `100mbit`. */
  shape(rate: string): void
}

export type LinkOptions = { near: Network; far: Network; rate: string }

/** Up to this much waits at the far end for its turn, as in a router; what comes then is lost. */
const queue = '1mb'

/** Connects two networks by a link that is as fast as `rate` towards the near one; it goes with the far one. */
export const openLink = ({ near, far, rate }: LinkOptions): Link => {
  const device = `sluice${far.pid}`
  // A part of the network that is set aside for measuring (RFC 2544), and of that four addresses of its own.
  const ends = [1, 2].map(end => `198.18.${(far.pid >> 6) & 255}.${4 * (far.pid & 63) + end}`)
  const [nearAddress = '', farAddress = ''] = ends
  const at = (network: Network, line: string): string => runTool(network.inside(line.split(' ')))
  const shape = (rate: string): void => {
    at(far, `tc qdisc replace dev far root tbf rate ${rate} burst 16kb limit ${queue}`)
  }

  at(near, `ip link add ${device} type veth peer name far netns ${far.pid}`)
  at(near, `ip addr add ${nearAddress}/30 dev ${device}`)
  at(far, `ip addr add ${farAddress}/30 dev far`)
  // As on a real wire, no frame is longer than its MTU.
  at(near, `ip link set ${device} gso_max_segs 1 up`)
  at(far, 'ip link set far gso_max_segs 1 up')
  shape(rate)
  return { device, nearAddress, farAddress, shape }
}
