import type { contestants } from './contestants.js'

/** One thing that is measured. */
export type Row = {
  name: string
  /** Nobody on the idle link. */
  who: keyof typeof contestants | undefined
  /** What the link is shaped to; bits per second, as all rates here. */
  link: 100e6 | 500e6
  assetBytes: number
  cap: number
  inFlight: number
  /** At how many origins the assets are. */
  origins: number
  /** Whether the origins have byte ranges. */
  ranges: boolean
  /** How far away the origin is. */
  roundTripMs: 0 | 50 | 200
  /** Of sluice: what it is told besides. */
  more: readonly string[]
  /** What it is expected to reach, so that it takes as long as the others. */
  rate: number
  /** How much longer it takes than others. */
  longer: number
  /** What has to come out, if anything. */
  goal: Goal | undefined
}

/** What has to come out: times the cap, and of the neighbour milliseconds on top of twice what it takes alone. */
export type Goal = { used: number; worstSecond?: number; worstTenth?: number; neighbourMs?: number }

export const goals = {
  ranges: { used: 0.97, worstSecond: 1.05, worstTenth: 1.5 },
  whole: { used: 0.97, worstSecond: 1.35, worstTenth: 4 },
  far: { used: 0.95 },
  neighbour: { used: 0.97, neighbourMs: 3 },
} satisfies Record<string, Goal>

const usual = {
  who: 'sluice',
  link: 500e6,
  assetBytes: 2e6,
  cap: 50e6,
  inFlight: 10,
  origins: 1,
  ranges: true,
  roundTripMs: 0,
  longer: 1,
  more: [],
} as const

const row = (name: string, differs: Partial<Row> = {}): Row => {
  const merged = { ...usual, ...differs }
  const goal = merged.ranges ? goals.ranges : goals.whole
  return { name, rate: merged.cap, goal, ...merged }
}

const [ten, fifty, twoHundred] = [{ cap: 10e6 }, {}, { cap: 200e6 }]
const [small, middle, huge] = [{ assetBytes: 20e3 }, { assetBytes: 200e3 }, { assetBytes: 500e6 }]
const whole = { ranges: false }

/** What the cap promises: sizes, caps, how many in flight, with and without ranges, one origin and several. */
export const capRows: Row[] = [
  row('20 KB, 10 Mbit/s', { ...small, ...ten }),
  row('20 KB, 50 Mbit/s', { ...small, ...fifty }),
  row('20 KB, 200 Mbit/s', { ...small, ...twoHundred }),
  row('20 KB, 50 Mbit/s, 50 in flight', { ...small, inFlight: 50 }),
  row('20 KB, 50 Mbit/s, no ranges', { ...small, ...whole }),
  row('20 KB, 50 Mbit/s, 3 origins', { ...small, origins: 3 }),
  row('200 KB, 50 Mbit/s', { ...middle, ...fifty }),
  row('200 KB, 200 Mbit/s, 50 in flight', { ...middle, ...twoHundred, inFlight: 50 }),
  row('2 MB, 10 Mbit/s', ten),
  row('2 MB, 50 Mbit/s'),
  row('2 MB, 200 Mbit/s', twoHundred),
  row('2 MB, 200 Mbit/s, 50 in flight', { ...twoHundred, inFlight: 50 }),
  row('2 MB, 50 Mbit/s, 3 origins', { origins: 3 }),
  row('2 MB, 10 Mbit/s, no ranges', { ...ten, ...whole }),
  row('2 MB, 50 Mbit/s, no ranges', whole),
  row('2 MB, 200 Mbit/s, no ranges', { ...twoHundred, ...whole }),
  row('one of 500 MB, 50 Mbit/s', huge),
  row('one of 500 MB, 200 Mbit/s', { ...huge, ...twoHundred }),
  row('one of 500 MB, 50 Mbit/s, no ranges', { ...huge, ...whole }),
]

const others = { goal: undefined }
const uncapped = { ...others, who: 'aria2c without a cap', inFlight: 100 } as const

/** The same assets under the same cap, by those that users would take instead. */
export const peerRows: Row[] = [
  row('aria2c', { ...others, who: 'aria2c' }),
  row('curl -Z --limit-rate', { ...others, who: 'curl', rate: 500e6 }),
  row('wget2', { ...others, who: 'wget2', rate: 500e6 }),
  row('aria2c -j100 without a cap', { ...uncapped, rate: 500e6 }),
]

const narrow = { link: 100e6 } as const

/** What a neighbour on a link of 100 Mbit/s has of it, where half of the link is the cap. */
export const neighbourRows: Row[] = [
  row('nobody', { ...narrow, ...others, who: undefined }),
  row('sluice', { ...narrow, goal: goals.neighbour }),
  row('sluice, origin without ranges', { ...narrow, ...whole, ...others }),
  row('aria2c at half the link', { ...narrow, ...others, who: 'aria2c' }),
  row('curl -Z --limit-rate at half the link', { ...narrow, ...others, who: 'curl', rate: 100e6 }),
  row('wget2, told half the link', { ...narrow, ...others, who: 'wget2', rate: 100e6 }),
  row('aria2c -j100 on all of it', { ...narrow, ...uncapped, rate: 100e6 }),
]

/** What segments cost and buy. */
export const segmentRows: Row[] = ['16KiB', '32KiB', '64KiB', '256KiB', 'auto', 'off'].map(segment =>
  row(`--segment ${segment}`, { ...narrow, ...others, more: ['--segment', segment] }),
)

/** The default, with an origin that is far away. */
export const roundTripRows: Row[] = ([50, 200] as const).map(roundTripMs =>
  row(`round trip of ${roundTripMs} ms`, { roundTripMs, longer: 2, goal: goals.far }),
)

// Four processes start on two processors, and one after the other ends: that is no small part of a short time.
const inFour = { who: 'four of sluice', longer: 4 } as const

/** Four processes that have one cap together. */
export const poolRows: Row[] = [
  row('four processes, 2 MB, 50 Mbit/s', inFour),
  row('four processes, 2 MB, 200 Mbit/s', { ...inFour, ...twoHundred }),
  row('four processes, 20 KB, 50 Mbit/s', { ...inFour, ...small }),
  row('four processes, 2 MB, 50 Mbit/s, no ranges', { ...inFour, ...whole }),
]

/** All of them, as they are measured in turn. */
export const allRows: Row[] = [
  ...capRows,
  ...peerRows,
  ...neighbourRows,
  ...segmentRows,
  ...roundTripRows,
  ...poolRows,
]
