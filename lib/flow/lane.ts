import type { Item } from '../outcome.js'

/** The entries of one origin. */
export type Lane = {
  readonly origin: string
  /** Not started yet. */
  readonly waiting: Item[]
  /** Rested, and now waiting for a slot. */
  readonly returning: (() => void)[]
  /** Those that hold a slot. */
  running: number
  /** All that have not ended. */
  entries: number
}
