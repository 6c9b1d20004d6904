/** What had come by a moment, in milliseconds: bytes in all. */
export type Sample = { at: number; bytes: number }

/** The most that came within `ms`, anywhere in the samples. */
export const mostWithin = (samples: readonly Sample[], ms: number): number => {
  let [most, first] = [0, 0]
  for (const { at, bytes } of samples) {
    while ((samples[first]?.at ?? at) < at - ms) first++
    most = Math.max(most, bytes - (samples[first]?.bytes ?? bytes))
  }
  return most
}

/** What connections say without any payload, as they open and close. */
const handshakeBytes = 1000

/** The samples from just before the first byte until the last one. */
export const steadyPart = (samples: readonly Sample[]): Sample[] => {
  const [before = 0, after = 0] = [samples.at(0)?.bytes, samples.at(-1)?.bytes]
  const first = samples.findLastIndex(({ bytes }) => bytes <= before + handshakeBytes)
  const last = samples.findIndex(({ bytes }) => bytes >= after - handshakeBytes)
  return samples.slice(Math.max(first, 0), last + 1)
}

/** How much came between the first sample and the last, and in how long. */
export const span = (samples: readonly Sample[]): { bytes: number; ms: number } => {
  const [first, last] = [samples.at(0), samples.at(-1)]
  return { bytes: (last?.bytes ?? 0) - (first?.bytes ?? 0), ms: (last?.at ?? 0) - (first?.at ?? 0) }
}

/** What came in each `ms` since `from`. */
export const perInterval = (
  samples: readonly Sample[],
  ms: number,
  from = samples.at(0)?.at ?? 0,
): number[] => {
  const intervals: number[] = []
  let before = samples.findLast(({ at }) => at <= from) ?? samples[0]
  for (const sample of samples) {
    if (sample.at <= from || before === undefined) continue
    const index = Math.floor((sample.at - from) / ms)
    while (intervals.length <= index) intervals.push(0)
    intervals[index] = (intervals[index] ?? 0) + sample.bytes - before.bytes
    before = sample
  }
  return intervals
}

/** The samples less what somebody else has received by then, who tells of each arrival. */
export const less = (samples: readonly Sample[], arrivals: readonly Sample[]): Sample[] => {
  let [next, others] = [0, 0]
  return samples.map(({ at, bytes }) => {
    for (let arrival = arrivals[next]; arrival && arrival.at <= at; arrival = arrivals[++next])
      others += arrival.bytes
    return { at, bytes: bytes - others }
  })
}
