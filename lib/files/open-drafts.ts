import { extend } from '../extend.js'
import { type Member, Roster } from '../roster.js'
import { sinkClosed } from './disk-error.js'
import { Draft, type DraftOptions } from './draft.js'

/** The drafts of a sink, from the opening of each until nothing of it is under way. */
export type OpenDrafts = {
  /** A draft of what `begin` gives, which need not be a promise; ERR_DESTINATION once the sink is closed. */
  open(begin: () => DraftOptions | Promise<DraftOptions>): Promise<Draft>
  /** How many are open. */
  underWay(): number
  /** Resolves once none is open. */
  idle(): Promise<void>
  /** Lets no draft begin, lets those that are being committed end, and abandons the others. */
  close(): Promise<void>
}

/** No drafts yet. */
export const openDrafts = (): OpenDrafts => {
  const drafts = new Roster<Opening>()
  let onIdle: (() => void)[] = []
  let isClosed = false

  const forget = (opening: Opening): void => {
    drafts.leave(opening)
    if (drafts.size > 0) return
    for (const tell of onIdle) tell()
    onIdle = []
  }

  const end = async ({ draft: opening }: Opening): Promise<void> => {
    const draft = await opening?.catch(() => undefined)
    draft?.destroy(sinkClosed())
    await draft?.abandon({ keep: true })
  }

  return {
    open(begin) {
      if (isClosed) return Promise.reject(sinkClosed())
      const opening = new Opening(forget)
      drafts.enter(opening)
      opening.draft = opening.begin(begin)
      return opening.draft
    },
    underWay: () => drafts.size,
    async idle() {
      if (drafts.size > 0) await new Promise<void>(resolve => onIdle.push(resolve))
    },
    async close() {
      isClosed = true
      await Promise.all(drafts.all().map(end))
    },
  }
}

/** A draft from before it is there until nothing of it is under way. */
class Opening implements Member {
  seat = -1
  draft: Promise<Draft> | undefined
  readonly #forget: (opening: Opening) => void

  constructor(forget: (opening: Opening) => void) {
    this.#forget = forget
  }

  async begin(begin: () => DraftOptions | Promise<DraftOptions>): Promise<Draft> {
    try {
      const begun = begin()
      const options = begun instanceof Promise ? await begun : begun
      return new Draft(extend(options, { onEnd: () => this.#forget(this) }))
    } catch (error) {
      this.#forget(this)
      throw error
    }
  }
}
