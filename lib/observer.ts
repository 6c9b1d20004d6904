import type { Code } from './errors.js'

/** An attempt at an asset failed, and there will be another. */
export type Retrying = {
  readonly event: 'retry'
  readonly index: number
  /** As given: whoever shows it has to redact it. */
  readonly url: string
  /** Which attempt failed, from 1. */
  readonly attempt: number
  /** How many there may be in all. */
  readonly attempts: number
  readonly code: Code
  readonly message: string
  /** Milliseconds until the next attempt: the back-off, or what the origin's Retry-After asked for, before its jitter. */
  readonly waitMs: number
}

/** The pool of the run cannot be reached any more, or again. */
export type PoolChange = {
  readonly event: 'pool-lost' | 'pool-found'
  readonly message: string
}

/** Hears of what happens on the way to an outcome, as it happens. What it throws, or rejects with, is a bug, and ends the run as one. */
export type Observer = (event: Retrying | PoolChange) => void
