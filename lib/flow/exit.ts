import type { Readable } from 'node:stream'
import type { Item } from '../outcome.js'

/** Where items leave a stream. */
export type Exit = {
  emit(item: Item): void
  /** Whether the reader has to take some first. */
  isFull(): boolean
  /** The reader asks for more; answers whether that made room. */
  read(): boolean
  /** Lets out what is left, and ends. */
  end(): void
}

/** Each item leaves at once. */
export const singleExit = (stream: () => Readable): Exit => {
  let isFull = false
  return {
    emit(item) {
      if (!stream().push(item)) isFull = true
    },
    isFull: () => isFull,
    read() {
      const wasFull = isFull
      isFull = false
      return wasFull
    },
    end: () => void stream().push(null),
  }
}

/** What may wait for a reader. */
const mostWaiting = 256

/** Items leave in arrays: those that came in one turn of the event loop, or until the reader asked for more. `onRoom` hears of room. */
export const groupedExit = (stream: () => Readable, onRoom: () => void): Exit => {
  let waiting: Item[] = []
  let isAwaited = false
  let isLeaving = false

  const leave = (): void => {
    isLeaving = false
    if (!isAwaited || waiting.length === 0) return
    const group = waiting
    waiting = []
    isAwaited = stream().push(group)
    onRoom()
  }

  return {
    emit(item) {
      waiting.push(item)
      if (!isAwaited || isLeaving) return
      isLeaving = true
      setImmediate(leave)
    },
    isFull: () => waiting.length >= mostWaiting,
    read() {
      isAwaited = true
      if (!isLeaving) leave()
      return false
    },
    end() {
      if (waiting.length > 0) stream().push(waiting)
      waiting = []
      stream().push(null)
    },
  }
}
