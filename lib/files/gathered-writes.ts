import { setTimeout } from 'node:timers/promises'

export type GatheredWrites = {
  /** Resolves once the record is written; rejects as its write does. */
  put(key: string, value: string): Promise<void>
  /** What is put and not written yet. */
  find(key: string): string | undefined
  /** Resolves once all that was put is written; undefined where it is. */
  flushed(): Promise<void> | undefined
  /** Writes at once what is put from now on. */
  hurry(): void
}

export type GatheredWritesOptions = {
  /** Writes records together; one call at a time. */
  write: (records: ReadonlyMap<string, string>) => Promise<void>
  /** Least time between the beginnings of two writes. */
  gatherMs: number
}

/** Records that are written together when they are put within a moment: a write of LevelDB costs as much as ten records. */
export const gatheredWrites = ({ write, gatherMs }: GatheredWritesOptions): GatheredWrites => {
  let waiting = new Map<string, string>()
  let leaving: ReadonlyMap<string, string> = new Map()
  let writing: Promise<void> | undefined
  let next: Promise<void> | undefined
  let writtenAt = Number.NEGATIVE_INFINITY
  let isHurried = false

  const writeNext = async (): Promise<void> => {
    await writing?.catch(() => {})
    const early = writtenAt + gatherMs - performance.now()
    if (early > 0 && !isHurried) await setTimeout(early)
    writing = next
    next = undefined
    writtenAt = performance.now()
    leaving = waiting
    waiting = new Map()
    try {
      await write(leaving)
    } finally {
      leaving = new Map()
      writing = undefined
    }
  }

  return {
    put(key, value) {
      waiting.set(key, value)
      next ??= writeNext()
      return next
    },
    find: key => waiting.get(key) ?? leaving.get(key),
    flushed: () => next ?? writing,
    hurry() {
      isHurried = true
    },
  }
}
