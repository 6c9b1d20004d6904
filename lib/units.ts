import { SyncError } from './errors.js'
import { found } from './found.js'

const prefixes: Record<string, number> = { '': 0, k: 1, m: 2, g: 3, t: 4 }

/** Bytes from `64KiB`, `1.5MB`, `10M` (MiB, as in rclone) or a bare number of bytes; undefined for anything else. */
export const parseSize = (text: string): number | undefined => {
  const [, number, prefix, kind] = /^(\d+(?:\.\d+)?) ?([kmgt]?)(i?b|)$/i.exec(text.trim()) ?? []
  if (number === undefined || (prefix === '' && kind?.toLowerCase() === 'ib')) return undefined
  return whole(Number(number) * scale(prefix ?? '', kind?.toLowerCase() !== 'b'))
}

/** Milliseconds from `500ms`, `30s`, `5m`, `1.5h`, `7d`; undefined for anything else. */
export const parseDuration = (text: string): number | undefined => {
  const units: Record<string, number> = { ms: 1, s: 1e3, m: 60e3, h: 3600e3, d: 86400e3 }
  const [, number, unit] = /^(\d+(?:\.\d+)?) ?(ms|s|m|h|d)$/.exec(text.trim()) ?? []
  return number === undefined ? undefined : whole(Number(number) * (units[unit ?? ''] ?? Number.NaN))
}

/**
 * Bytes per second from `50mbit` or `50Mbps` (decimal bits), `6.25MB`, `6MiB`, `10M` (MiB/s) or a bare number of KiB/s,
 * as in rclone and rsync; `off` and 0 are Infinity; undefined for anything else.
 */
export const parseRate = (text: string): number | undefined => {
  const trimmed = text.trim().replace(/\/s$/i, '')
  if (/^(off|0)$/i.test(trimmed)) return Number.POSITIVE_INFINITY
  const bits = /^(\d+(?:\.\d+)?) ?([kmgt]?)(?:bits?|bps)$/i.exec(trimmed)
  if (bits && !trimmed.endsWith('Bps')) return positive((Number(bits[1]) * scale(bits[2] ?? '', false)) / 8)
  if (/^\d+(\.\d+)?$/.test(trimmed)) return positive(Number(trimmed) * 1024)
  return positive(parseSize(trimmed.replace(/Bps$/, 'B')) ?? 0)
}

/** Requests per second from `10`, `10/s`, `600/m`, `12000/h`, `100000/d`; `off` and 0 are Infinity; undefined for anything else. */
export const parseFrequency = (text: string): number | undefined => {
  if (/^(off|0)$/i.test(text.trim())) return Number.POSITIVE_INFINITY
  const [, number, unit = 's'] = /^(\d+(?:\.\d+)?)(?:\/([smhd]))?$/.exec(text.trim()) ?? []
  const seconds = { s: 1, m: 60, h: 3600, d: 86400 }[unit] ?? Number.NaN
  return number === undefined ? undefined : positive(Number(number) / seconds)
}

/** Bytes for people, in binary units: `1.5 MiB`. */
export const formatSize = (bytes: number): string => {
  const exponent = Math.min(4, Math.max(0, Math.floor(Math.log2(Math.max(1, bytes)) / 10)))
  const scaled = bytes / 1024 ** exponent
  return `${exponent && scaled < 100 ? scaled.toFixed(1) : Math.round(scaled)} ${['B', 'KiB', 'MiB', 'GiB', 'TiB'][exponent]}`
}

/** A rate for people, in the decimal bits that links are sold in: `50.0 Mbit/s`, `off`. */
export const formatRate = (bytesPerSecond: number): string => {
  if (bytesPerSecond === Number.POSITIVE_INFINITY) return 'off'
  const unit = bitsUnitOf(bytesPerSecond)
  return `${inBits(bytesPerSecond, unit)} ${unit.name}`
}

/** A rate against its cap, in the unit of the cap so that the two can be compared: `0.8 of 50.0 Mbit/s`. */
export const formatRateOf = (bytesPerSecond: number, cap: number): string =>
  cap === Number.POSITIVE_INFINITY
    ? formatRate(bytesPerSecond)
    : `${inBits(bytesPerSecond, bitsUnitOf(cap))} of ${formatRate(cap)}`

/** A duration for people: `412 ms`, `9.8 s`, `3m 20s`, `2h 05m`. */
export const formatDuration = (ms: number): string => {
  if (Math.round(ms) < 1000) return `${Math.round(ms)} ms`
  const seconds = Math.round(ms / 1000)
  if (seconds < 60) return `${(ms / 1000).toFixed(1)} s`
  const minutes = Math.floor(seconds / 60)
  if (minutes < 60) return `${minutes}m ${pad(seconds % 60)}s`
  return `${Math.floor(minutes / 60)}h ${pad(minutes % 60)}m`
}

/** `value`, or ERR_OPTION in the one sentence that every wrong value gets. */
export const demand = <T>(value: T | undefined, name: string, expected: string, given: unknown): T => {
  if (value !== undefined) return value
  throw new SyncError('ERR_OPTION', `${name}: expected ${expected}, got ${found(given)}`)
}

type BitsUnit = { name: string; bits: number; digits: number }

const kbit: BitsUnit = { name: 'kbit/s', bits: 1e3, digits: 1 }
const mbit: BitsUnit = { name: 'Mbit/s', bits: 1e6, digits: 1 }
const gbit: BitsUnit = { name: 'Gbit/s', bits: 1e9, digits: 2 }

const bitsUnitOf = (bytesPerSecond: number): BitsUnit =>
  [gbit, mbit].find(({ bits }) => bytesPerSecond * 8 >= bits) ?? kbit

const inBits = (bytesPerSecond: number, { bits, digits }: BitsUnit): string =>
  ((bytesPerSecond * 8) / bits).toFixed(digits)

const scale = (prefix: string, binary: boolean): number =>
  (binary ? 1024 : 1000) ** (prefixes[prefix.toLowerCase()] ?? Number.NaN)

const whole = (value: number): number | undefined =>
  value <= Number.MAX_SAFE_INTEGER ? Math.round(value) : undefined

const positive = (value: number): number | undefined =>
  value > 0 && Number.isFinite(value) ? value : undefined

const pad = (value: number): string => String(value).padStart(2, '0')
