/**
 * Bytes of a paced range when nothing asks for larger ones: 10 ms of the cap, at least 32 KiB. Smaller ranges keep the
 * neighbours' queue short, larger ones cost fewer requests; this is where measurements put the trade.
 */
export const baseSegmentBytes = (bytesPerSecond: number): number =>
  Math.max(32 * 1024, Math.ceil((bytesPerSecond * 0.01) / step) * step)

/** What an idle pool saves up: a moment of the cap, which makes up for late timers, and under a low cap is less than a segment. */
export const savingsBytes = (bytesPerSecond: number): number => bytesPerSecond * 0.01

const step = 16 * 1024
