import { extend } from '../extend.js'
import { type Member, Roster } from '../roster.js'
import { sinkClosed } from './disk-error.js'
import { Draft, type DraftOptions } from './draft.js'

/** The drafts of a sink, from the opening of each until nothing of it is under way. */
export type OpenDrafts = {
  /** A draft of what `begin` gives; ERR_DESTINATION once the sink is closed. */
  open(begin: () => Promise<DraftOptions>): Promise<Draft>
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
    const draft = await opening.catch(() => undefined)
    draft?.destroy(sinkClosed())
    await draft?.abandon({ keep: true })
  }

  return {
    open(begin) {
      if (isClosed) return Promise.reject(sinkClosed())
      const onEnd = () => forget(opening)
      const draft = begin().then(
        options => new Draft(extend(options, { onEnd })),
        error => {
          onEnd()
          throw error
        },
      )
      const opening: Opening = { seat: -1, draft }
      drafts.enter(opening)
      return draft
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

type Opening = Member & { readonly draft: Promise<Draft> }
