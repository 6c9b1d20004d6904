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
  const drafts = new Set<Promise<Draft>>()
  let onIdle: (() => void)[] = []
  let isClosed = false

  const forget = (opening: Promise<Draft>): void => {
    drafts.delete(opening)
    if (drafts.size > 0) return
    for (const tell of onIdle) tell()
    onIdle = []
  }

  const end = async (opening: Promise<Draft>): Promise<void> => {
    const draft = await opening.catch(() => undefined)
    draft?.destroy(sinkClosed())
    await draft?.abandon({ keep: true })
  }

  return {
    async open(begin) {
      if (isClosed) throw sinkClosed()
      const opening: Promise<Draft> = begin().then(
        options => new Draft({ onEnd: () => forget(opening), ...options }),
      )
      drafts.add(opening)
      opening.catch(() => forget(opening))
      return opening
    },
    underWay: () => drafts.size,
    async idle() {
      if (drafts.size > 0) await new Promise<void>(resolve => onIdle.push(resolve))
    },
    async close() {
      isClosed = true
      await Promise.all(Array.from(drafts, end))
    },
  }
}
