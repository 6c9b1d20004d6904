import type { Answer, Happening, Push, Status } from '../keeper.js'

/*
 * Both sides write lines of JSON. A client opens a pool, then calls; every request has an id, and one reply with that id. What is
 * told without being asked has none.
 */

/** Which language this is: another one is refused, and not guessed at. */
export const protocol = 1

/** Bytes of the longest line that a server reads. */
export const longestRequestBytes = 64 * 1024

/** Bytes of the longest line that a client reads: a status has a row for every user. */
export const longestReplyBytes = 16 * 1024 * 1024

/** What a client says. */
export type Ask =
  | { readonly open: string; readonly protocol: number }
  | { readonly call: Happening }
  | { readonly status: true }
  | { readonly listen: string }
  | { readonly unlisten: string }

export type Request = Ask & { readonly id: number }

export type Reply = { readonly id: number | undefined } & (
  | { readonly done: Answer | Status | null }
  | { readonly error: string }
)

/** Without an actor it is for all of them. */
export type Told = { readonly push: Push; readonly actor?: string | undefined }

/** The last thing that a server says: what it has not answered by now it has not heard. */
export type Bye = { readonly bye: true }
