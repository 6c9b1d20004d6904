import { writeFileSync } from 'node:fs'
import { inOrder, percentile } from '../core/statistics.js'
import { makeAssets } from '../link/assets.js'
import { contend } from '../link/contend.js'
import type { Origins } from '../link/origins.js'
import type { openScratch } from '../link/scratch.js'
import type { SharedLink } from '../link/shared-link.js'
import { mostWithin, perInterval, span, steadyPart } from '../link/windows.js'
import { contestants } from './contestants.js'
import type { Row } from './rows.js'

/** What came of one run of a row; rates are times the cap, latencies the neighbour's in milliseconds. */
export type Measured = {
  used: number
  worstSecond: number
  worstTenth: number
  requestsPerAsset: number
  p50: number
  p99: number
  max: number
  /** Received in each 100 ms, times the cap. */
  tenths: number[]
}

export type MeasureOptions = {
  shared: SharedLink
  origins: Origins
  scratch: ReturnType<typeof openScratch>
  /** How long a row takes at its rate. */
  seconds: number
  signal: AbortSignal
}

/** Measures a row once. */
export const measure = async (row: Row, options: MeasureOptions): Promise<Measured> => {
  const { shared, origins, scratch, signal } = options
  const seconds = options.seconds * row.longer
  shared.link.shape(`${row.link / 1e6}mbit`)
  const { list, count } = await writeList(row, { ...options, seconds })
  const task = { ...row, list, out: scratch.empty('out') }
  const line = row.who ? contestants[row.who](task) : ['sleep', `${seconds}`]
  const isTooMuch = count * row.assetBytes > (row.rate / 8) * seconds * 3.5
  const stopAfterMs = isTooMuch ? (seconds + 1) * 1000 : undefined
  const before = origins.requests()
  const { result, samples, requests } = await shared.observe(() =>
    contend(line, { network: shared.near, stdin: list, signal, stopAfterMs }),
  )
  if (result.code !== 0 && !isTooMuch)
    throw new Error(`${row.name}: ${line[0]} ended with ${result.code}: ${result.stderr}`)
  const asked = origins.requests() - before
  scratch.empty('out')

  const steady = steadyPart(samples.filter(({ at }) => at <= result.interruptedAt))
  const { bytes, ms } = span(steady)
  const cap = row.cap / 8
  const [from = 0, to = 0] = [steady[0]?.at, steady.at(-1)?.at]
  const isDuring = ({ at }: { at: number }) => row.who === undefined || (at >= from && at <= to)
  const latencies = inOrder(requests.filter(isDuring).map(({ ms }) => ms))
  return {
    used: row.who ? bytes / (cap * (ms / 1000)) : Number.NaN,
    worstSecond: row.who ? mostWithin(steady, 1000) / cap : Number.NaN,
    worstTenth: row.who ? (10 * mostWithin(steady, 100)) / cap : Number.NaN,
    requestsPerAsset: row.who ? asked / (isTooMuch ? bytes / row.assetBytes : count) : Number.NaN,
    p50: percentile(latencies, 50),
    p99: percentile(latencies, 99),
    max: latencies.at(-1) ?? Number.NaN,
    tenths: perInterval(steady, 100).map(bytes => Math.round((1000 * bytes) / cap) / 100),
  }
}

/** The row's URLs, one origin after the other, as lines and as curl reads them. */
const writeList = async (row: Row, { origins, scratch, seconds }: MeasureOptions) => {
  const count = Math.max(
    row.assetBytes > 10e6 ? 1 : row.inFlight,
    Math.ceil(((row.rate / 8) * seconds) / row.assetBytes),
  )
  const paths = makeAssets(scratch.path, row.assetBytes, count)
  const bases = await origins.urls(row)
  const urls = paths.map((path, index) => `${bases[index % bases.length]}${path}`)
  const list = `${scratch.path}/list`
  writeFileSync(list, urls.map(url => `${url}\n`).join(''))
  writeFileSync(`${list}.curl`, urls.map(url => `url = "${url}"\n`).join(''))
  return { list, count }
}
