import type { FailureLimit } from '../flow/tally.js'
import { parseHeaders } from '../headers.js'
import { parseDuration, parseFrequency, parseRate, parseSize } from '../units.js'
import { poolName, poolUrl, quotas, timeZone } from './pool-kinds.js'

/** A kind of value: how it is written, and what it becomes. */
export type Kind<Value> = {
  /** Completes the sentence "expected …". */
  readonly expected: string
  /** Undefined for what is not of this kind. Text comes from flags, environment and files; other types from the library. */
  readonly read: (given: unknown) => Value | undefined
  /** Whether the flag can be repeated, or takes no value. */
  readonly arity?: 'many' | 'none'
  /** Never repeated in a message. */
  readonly isSecret?: true
}

const fromText =
  <Value>(parse: (text: string) => Value | undefined, isNative: (given: unknown) => given is Value) =>
  (given: unknown): Value | undefined =>
    typeof given === 'string' ? parse(given) : isNative(given) ? given : undefined

const isAmount = (given: unknown): given is number => typeof given === 'number' && given >= 0

const text: Kind<string> = {
  expected: 'some text',
  // No file and no program can be told of a NUL.
  read: given => (typeof given === 'string' && given !== '' && !given.includes('\0') ? given : undefined),
}

/** Media ranges (RFC 9110 section 12.5.1): what has no slash would accept nothing. */
const mediaTypes: Kind<string> = {
  expected: 'media types such as image/*,video/mp4',
  read(given) {
    const types = text.read(given)?.split(',') ?? ['']
    return types.every(type => mediaRange.test(type)) ? String(given) : undefined
  },
}

const mediaRange = /^\s*(?:\*\/\*|[\w!#$&^.+-]+\/(?:\*|[\w!#$&^.+-]+))\s*(?:;[\t\x20-\x7e]*)?$/

const isBytes = (given: unknown): given is number => Number.isSafeInteger(given) && isAmount(given)

const isOff = (given: unknown): boolean => given === 'off' || given === Number.POSITIVE_INFINITY

const size: Kind<number> = {
  expected: 'a size such as 64KiB, 1.5MB or 10M',
  read: fromText(parseSize, isBytes),
}

const sizeOrOff: Kind<number> = {
  expected: `${size.expected}, or off`,
  read: given => (isOff(given) ? Number.POSITIVE_INFINITY : size.read(given)),
}

const duration: Kind<number> = {
  expected: 'a duration such as 500ms, 30s or 5m',
  read: fromText(parseDuration, isAmount),
}

/** Nothing can happen in no time: as with curl and rclone, 0 means no limit. */
const durationOrOff: Kind<number> = {
  expected: `${duration.expected}, or off`,
  read(given) {
    const ms = isOff(given) ? Number.POSITIVE_INFINITY : duration.read(given)
    return ms === 0 ? Number.POSITIVE_INFINITY : ms
  },
}

const rate: Kind<number> = {
  expected: 'a rate such as 50mbit, 6.25MB, 10M or off',
  read: fromText(parseRate, (given): given is number => isAmount(given) && given > 0),
}

const frequency: Kind<number> = {
  expected: 'a number of requests such as 10, 600/m, 12000/h or off',
  read: fromText(parseFrequency, (given): given is number => isAmount(given) && given > 0),
}

const yes: Kind<boolean> = {
  expected: 'true or false',
  read: given =>
    typeof given === 'boolean'
      ? given
      : given === 'true' || given === '1'
        ? true
        : given === 'false' || given === '0'
          ? false
          : undefined,
  arity: 'none',
}

const integer = (from: number, to: number): Kind<number> => ({
  expected: `a whole number from ${from} to ${to}`,
  read: fromText(
    given => (/^\d{1,9}$/.test(given) ? within(Number(given), from, to) : undefined),
    (given): given is number => Number.isInteger(given) && within(given as number, from, to) !== undefined,
  ),
})

const within = (value: number, from: number, to: number): number | undefined =>
  value >= from && value <= to ? value : undefined

const oneOf = <const Name extends string>(...names: readonly Name[]): Kind<Name> => ({
  expected: `${names.slice(0, -1).join(', ')} or ${names.at(-1)}`,
  read: given => names.find(name => name === given),
})

const segment: Kind<number | 'auto' | 'off'> = {
  expected: 'a size such as 64KiB, auto or off',
  read: given => (given === 'auto' || given === 'off' ? given : atLeast(size.read(given), 1024)),
}

const atLeast = (value: number | undefined, least: number): number | undefined =>
  value !== undefined && value >= least ? value : undefined

const failures: Kind<FailureLimit> = {
  expected: 'a number such as 100, a share such as 5%, or off',
  read(given) {
    if (given === 'off') return { count: Number.POSITIVE_INFINITY }
    const [, number, percent] = /^(\d{1,9}(?:\.\d+)?)(%?)$/.exec(String(given)) ?? []
    if (number === undefined) return undefined
    if (percent) return Number(number) <= 100 ? { share: Number(number) / 100 } : undefined
    return Number.isInteger(Number(number)) ? { count: Number(number) } : undefined
  },
}

const headers: Kind<Record<string, string>> = {
  expected: "headers such as 'Authorization: Bearer …', none that sluice sends itself",
  read(given) {
    const lines = Array.isArray(given) ? given : typeof given === 'string' ? [given] : undefined
    if (!lines) return asHeaders(given)
    const pairs = lines.map(line => /^([^:\s]+)\s*:\s*(.*)$/s.exec(String(line)))
    if (pairs.some(pair => pair === null)) return undefined
    return asHeaders(Object.fromEntries(pairs.map(pair => [pair?.[1] ?? '', (pair?.[2] ?? '').trim()])))
  },
  arity: 'many',
  isSecret: true,
}

const asHeaders = (given: unknown): Record<string, string> | undefined => {
  try {
    return parseHeaders(given)
  } catch {
    return undefined
  }
}

/** Every kind of value that an option can have. */
export const kinds = {
  text,
  mediaTypes,
  size,
  sizeOrOff,
  duration,
  durationOrOff,
  rate,
  frequency,
  yes,
  integer,
  oneOf,
  segment,
  failures,
  headers,
  poolUrl,
  poolName,
  quotas,
  timeZone,
}
