/** How much an error takes down: one attempt (it may be tried again), its entry, or the whole run. */
export type Scope = 'attempt' | 'entry' | 'run'

/** Every code an outcome or a run can end with, and the scope an error of that code has unless it says otherwise. */
const scopes = {
  ERR_ENTRY_INVALID: 'entry',
  ERR_PATH_INVALID: 'entry',
  ERR_PATH_ESCAPE: 'entry',
  ERR_PATH_TAKEN: 'entry',
  ERR_URL_SCHEME: 'entry',
  ERR_HTTP_STATUS: 'entry',
  ERR_HTTP_PROTOCOL: 'attempt',
  ERR_NETWORK: 'attempt',
  ERR_DNS: 'attempt',
  ERR_TLS: 'entry',
  ERR_TIMEOUT: 'attempt',
  ERR_STALLED: 'attempt',
  ERR_TOO_SLOW: 'attempt',
  ERR_BODY_SHORT: 'attempt',
  ERR_BODY_LONG: 'entry',
  ERR_INTEGRITY: 'attempt',
  ERR_TYPE: 'entry',
  ERR_ENCODING: 'entry',
  ERR_TOO_LARGE: 'entry',
  ERR_CHANGED: 'attempt',
  ERR_REDIRECT: 'entry',
  ERR_RETRY_AFTER: 'entry',
  ERR_PRIVATE_NETWORK: 'entry',
  ERR_ABORTED: 'entry',
  ERR_DESTINATION: 'run',
  ERR_OPTION: 'run',
  ERR_MANIFEST: 'run',
  ERR_TOO_MANY_FAILURES: 'run',
  ERR_POOL: 'run',
  ERR_QUOTA: 'run',
  /** A bug in sluice, never the fault of an entry: it ends the run so that it cannot hide among the outcomes. */
  ERR_INTERNAL: 'run',
} as const satisfies Record<string, Scope>

/** What went wrong, for programs to tell errors apart by. */
export type Code = keyof typeof scopes

/** What is known of an error beyond its code and its message. */
export type ErrorFacts = {
  /** The error of somebody else behind it. */
  cause?: unknown
  /** Overrides the scope of the code, where the circumstances decide it. */
  scope?: Scope
  /** Of the answer that was refused. */
  statusCode?: number
  /** Worth one more attempt, but not all of them. */
  once?: true
  /** What the origin's Retry-After asked for, counted from when the response arrived. */
  retryAfterMs?: number
  /** ISO 8601: the earliest moment at which trying again makes sense. */
  retryAt?: string
  /** ISO 8601: when the quota that ended the run begins anew. */
  resumeAt?: string
  /** Byte offset in the manifest. */
  offset?: number
}

/** Codes that time mends, of errors that the same run does not try again. */
const later: ReadonlySet<Code> = new Set<Code>([
  'ERR_ABORTED',
  'ERR_RETRY_AFTER',
  'ERR_TOO_SLOW',
  'ERR_POOL',
  'ERR_QUOTA',
])

/** The one error class: `code` tells what happened, `scope` how much it takes down. */
export class SyncError extends Error {
  override readonly name = 'SyncError'
  /** What happened, for programs; the message is for people, and may change. */
  readonly code: Code
  /** How much it takes down; of an attempt, the same run tries again. */
  readonly scope: Scope
  /** Worth one more attempt, but not all of them. */
  declare readonly once?: true
  /** HTTP status of the answer that was refused. */
  declare readonly statusCode?: number
  /** Milliseconds that the origin's Retry-After asked for, counted from when the response arrived. */
  declare readonly retryAfterMs?: number
  /** ISO 8601: the earliest moment at which trying again makes sense. */
  declare readonly retryAt?: string
  /** ISO 8601: when the quota that ended the run begins anew. */
  declare readonly resumeAt?: string
  /** Byte offset in the manifest. */
  declare readonly offset?: number

  constructor(code: Code, message: string, { cause, scope = scopes[code], ...facts }: ErrorFacts = {}) {
    super(message, cause === undefined ? undefined : { cause })
    this.code = code
    this.scope = scope
    // Only what is known: an error that is printed has no fields without a value.
    Object.assign(this, facts)
  }

  /** Whether a later run may succeed where this one failed; narrower than that, what is worth another attempt in the same run has the scope of one. */
  get retryable(): boolean {
    const isMended = this.code === 'ERR_DESTINATION' && this.scope === 'run'
    return this.scope === 'attempt' || isMended || later.has(this.code)
  }
}

/** Whether a run can end with `code`, rather than an entry. */
export const isOfRun = (code: Code): boolean => scopes[code] === 'run' || code === 'ERR_ABORTED'

/** How much `error` takes down; whatever is not ours is a bug and ends the run. */
export const scopeOf = (error: unknown): Scope => (error instanceof SyncError ? error.scope : 'run')
