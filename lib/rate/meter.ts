/** Counts what arrives and remembers the worst second. */
export type Meter = {
  add(bytes: number): void
  readonly total: number
  /** Bytes of the busiest second so far, to the width of a bin. */
  readonly worstSecond: number
  /** Bytes per second over the last second. */
  rate(): number
}

const binMs = 20
const binsPerSecond = 1000 / binMs

/** A meter over `now` (milliseconds): one second of bins, so that its memory does not grow with the run. */
export const meter = (now: () => number = () => performance.now()): Meter => {
  const bins = new Float64Array(binsPerSecond)
  let current = Math.floor(now() / binMs)
  let inWindow = 0
  let total = 0
  let worstSecond = 0

  const advance = (): void => {
    const bin = Math.floor(now() / binMs)
    for (let passed = Math.min(bin - current, binsPerSecond); passed > 0; passed--) {
      const slot = (bin - passed + 1) % binsPerSecond
      inWindow -= bins[slot] ?? 0
      bins[slot] = 0
    }
    current = bin
  }

  return {
    add(bytes) {
      advance()
      const slot = current % binsPerSecond
      bins[slot] = (bins[slot] ?? 0) + bytes
      inWindow += bytes
      total += bytes
      if (inWindow > worstSecond) worstSecond = inWindow
    },
    get total() {
      return total
    },
    get worstSecond() {
      return worstSecond
    },
    rate() {
      advance()
      return inWindow
    },
  }
}
