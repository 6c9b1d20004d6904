import { SyncError } from '../../errors.js'
import type { Answer, Keeper, Push, Status } from '../keeper.js'
import type { Link } from './link.js'
import { type Ask, protocol, type Reply } from './message.js'
import { isAnswerTo, readReply } from './read-reply.js'

export type ClientOptions = {
  /** Of the pool. */
  name: string
  /** Where the server is, for messages. */
  path: string
  /** Milliseconds that an answer may take. */
  timeoutMs?: number
}

/** The pool from the side of its actors, over one link after another. */
export type Client = Omit<Keeper, 'close'> & {
  /** Speaks over `link` from now on. Rejects with ERR_POOL if what is at its other end does not speak this language in time. */
  use(link: Link): Promise<void>
  /** The link has ended. */
  lose(): void
  /** Rejects what waits, and whatever is asked later. */
  close(): void
}

type Waiting = {
  readonly ask: Ask
  isSent: boolean
  resolve(done: unknown): void
  reject(error: SyncError): void
}

/** Answers come within `timeoutMs`, or the call rejects with ERR_POOL. What can be done twice, or was not heard, is asked for again over the next link. */
export const poolClient = ({ name, path, timeoutMs = 1000 }: ClientOptions): Client => {
  const waiting = new Map<number, Waiting>()
  const listeners = new Map<string, Set<(push: Push) => void>>()
  let link: Link | undefined
  let isClosed = false
  let lastId = 0

  const failure = (what: string): SyncError => new SyncError('ERR_POOL', `the pool at ${path} ${what}`)
  const write = (over: Link, id: number, ask: Ask): void => over.write(`${JSON.stringify({ id, ...ask })}\n`)
  /** Whether it arrives does not matter: the next link hears of it anew. */
  const mention = (ask: Ask): void => {
    if (link) write(link, ++lastId, ask)
  }

  const ask = (question: Ask, over: Link | undefined): Promise<unknown> =>
    new Promise((resolve, reject) => {
      if (isClosed) return reject(failure('is closed'))
      const id = ++lastId
      const end = (): void => {
        clearTimeout(timer)
        waiting.delete(id)
      }
      const waits: Waiting = {
        ask: question,
        isSent: over !== undefined,
        resolve(done) {
          end()
          resolve(done)
        },
        reject(error) {
          end()
          reject(error)
        },
      }
      const timer = setTimeout(() => waits.reject(failure(`has not answered for ${timeoutMs} ms`)), timeoutMs)
      waiting.set(id, waits)
      if (over) write(over, id, question)
    })

  const tell = (push: Push, actor: string | undefined): void => {
    const hearing = actor === undefined ? [...listeners.values()] : [listeners.get(actor) ?? []]
    for (const hears of hearing) for (const hear of hears) hear(push)
  }

  const hear = (line: string): void => {
    const reply = readReply(line)
    if ('push' in reply) tell(reply.push, reply.actor)
    else if ('bye' in reply) part()
    else hearAnswer(reply)
  }

  /** What waits, and what is asked from now on, is for the next server. */
  const part = (): void => {
    link = undefined
    for (const waits of waiting.values()) waits.isSent = false
  }

  const hearAnswer = (reply: Reply): void => {
    // What has timed out may be answered still.
    const known = waiting.get(reply.id ?? 0)
    if (!known) return
    if ('error' in reply) known.reject(failure(`refuses: ${reply.error}`))
    else if (isAnswerTo(known.ask, reply.done)) known.resolve(reply.done)
    else known.reject(failure('answers what cannot be understood'))
  }

  const lose = (): void => {
    link = undefined
    for (const { ask, isSent, reject } of [...waiting.values()])
      if (isSent && !isRepeatable(ask)) reject(failure('has gone away'))
  }

  return {
    call: happening => ask({ call: happening }, link) as Promise<Answer>,
    status: () => ask({ status: true }, link) as Promise<Status>,
    listen(actor, hear) {
      const hears = listeners.get(actor) ?? new Set()
      listeners.set(actor, hears)
      hears.add(hear)
      mention({ listen: actor })
      return () => {
        if (!hears.delete(hear) || hears.size > 0) return
        listeners.delete(actor)
        mention({ unlisten: actor })
      }
    },
    async use(next) {
      next.hear(hear)
      await ask({ open: name, protocol }, next)
      link = next
      for (const actor of listeners.keys()) mention({ listen: actor })
      for (const [id, waits] of waiting) {
        waits.isSent = true
        write(next, id, waits.ask)
      }
    },
    lose,
    close() {
      isClosed = true
      link = undefined
      for (const { reject } of [...waiting.values()]) reject(failure('is closed'))
      listeners.clear()
    },
  }
}

/** What was used or given back would count twice, if the first time was heard. */
const isRepeatable = (ask: Ask): boolean =>
  !('open' in ask) && !('call' in ask && (ask.call.kind === 'settle' || ask.call.kind === 'refund'))
