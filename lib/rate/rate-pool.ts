/** What something costs before it is done, in every dimension a limit can have. */
export type Cost = {
  requests: number
  /** TCP payload that will arrive, as well as it can be told. */
  bytes: number
  /** Weighted units of a provider's quota. */
  units?: number
}

/** Who asks for a grant. */
export type Claimant = {
  /** Grants are first come, first served within an origin and equal in bytes between origins. */
  origin: string
  /** Whose share it is, in pools that many users draw on. */
  user?: string
  /** Ends the waiting with the signal's reason. */
  signal: AbortSignal
}

/** Permission to let `cost` arrive. */
export type Grant = {
  /** Tells what really arrived, once it is known, and how many of the requests were made, if not all; the pool makes up for the difference. */
  settle(actual: Pick<Cost, 'bytes'> & Partial<Pick<Cost, 'requests'>>): void
}

/** One budget that everything which may cross the link is taken from. Whoever asks need not know where the budget is kept. */
export type RatePool = {
  /**
   * Resolves when all of `cost` has accrued: only then may it be asked for. Undefined for a request to an origin that is held,
   * or comes to be while it waits: nothing is taken from the budget for it until it is asked for again.
   */
  grant(cost: Cost, claimant: Claimant): Promise<Grant | undefined>
  /** No request to `origin` is granted for `ms` from now (Retry-After); bodies on their way still are. A longer hold wins. */
  hold(origin: string, ms: number): void
  /** `origin` answered that it is asked too much, and not for how long: a pool that is bound to it asks less for a while. */
  pushBack?(origin: string): void
  /** Whether a request of `origin` has a slot of its own, which passes: it is made when it is granted, and not later. */
  hasSlots?(origin?: string): boolean
  /** Milliseconds until `origin` may be asked again; 0 when it may. */
  heldFor(origin: string): number
  /** Resolves when `origin` may be asked again; rejects with the signal's reason. */
  released(origin: string, signal: AbortSignal): Promise<void>
  /** Bytes per second that hold now, for one origin where it is named; Infinity without a cap. */
  rate(origin?: string): number
  /** Whether there is a cap now or may be one later, for one origin where it is named. */
  mayCap(origin?: string): boolean
  /** Requests per second that hold now, for one origin where it is named; Infinity without a limit. */
  requestRate(origin?: string): number
  /** Ends its timers; what waits stays waiting for its signal. */
  close(): void
}
