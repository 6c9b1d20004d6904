import { cpSync } from 'node:fs'
import { inOrder, percentile } from '../core/statistics.js'
import { contend } from '../link/contend.js'
import type { Request } from '../link/neighbour.js'
import type { openScratch } from '../link/scratch.js'
import type { SharedLink } from '../link/shared-link.js'
import { mostWithin, perInterval, span, steadyPart } from '../link/windows.js'
import type { Strategy } from './strategies.js'

/** What one run of a strategy did to the link, and to the neighbour. */
export type Measured = {
  /** From its start to its end. */
  seconds: number
  /** Received in all. */
  bytes: number
  /** In the worst second; Mbit/s. */
  peak: number
  p99: number
  /** Of the neighbour's requests: how many there were, and how many took over a second or got no answer. */
  requests: number
  failures: number
  /** Mbit/s in each half of a second, and the worst of the neighbour's waits in it, in milliseconds. */
  halves: { rate: number; wait: number }[]
}

export type MeasureOptions = {
  shared: SharedLink
  scratch: ReturnType<typeof openScratch>
  /** A file with all URLs, and where they were synced to the day before. */
  list: string
  synced: string
  signal: AbortSignal
}

const halfMs = 500

/** Runs a strategy once. */
export const measure = async (strategy: Strategy, options: MeasureOptions): Promise<Measured> => {
  const { shared, scratch, list, synced, signal } = options
  const out = scratch.empty('out')
  if (strategy.isIncremental) cpSync(synced, out, { recursive: true, preserveTimestamps: true })
  const line = strategy.command({ list, out })
  const began = performance.now()
  const { result, samples, requests } = await shared.observe(() =>
    contend(line, { network: shared.near, stdin: list, signal }),
  )
  if (result.code !== 0) throw new Error(`${strategy.name}: ended with ${result.code}: ${result.stderr}`)
  scratch.empty('out')

  const steady = steadyPart(samples)
  const [from = 0, to = 0] = [steady[0]?.at, steady.at(-1)?.at]
  const during = strategy.name === 'nobody' ? requests : requests.filter(({ at }) => at >= from && at <= to)
  const latencies = inOrder(during.map(({ ms }) => ms))
  const rates = perInterval(steady, halfMs).map(bytes => toMegabits(bytes / (halfMs / 1000)))
  return {
    seconds: (performance.now() - began) / 1000,
    bytes: span(steady).bytes,
    peak: toMegabits(mostWithin(steady, 1000)),
    p99: percentile(latencies, 99),
    requests: latencies.length,
    failures: during.filter(({ ms, bytes }) => ms > 1000 || bytes === 0).length,
    halves: rates.map((rate, index) => ({
      rate: Math.round(rate * 10) / 10,
      wait: worstWait(during, from + index * halfMs),
    })),
  }
}

/** Of the requests that were under way then. */
const worstWait = (requests: readonly Request[], from: number): number => {
  const waits = requests.filter(({ at, ms }) => at >= from && at - ms < from + halfMs).map(({ ms }) => ms)
  return Math.round(Math.max(0, ...waits) * 10) / 10
}

const toMegabits = (bytesPerSecond: number): number => (bytesPerSecond * 8) / 1e6
