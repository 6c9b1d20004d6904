import type { Clock } from './clock.js'
import type { Timetable } from './timetable.js'

export type FollowOptions = {
  timetable: Timetable
  /** Hears of the rate that holds, now and whenever it changes. */
  setRate: (bytesPerSecond: number) => void
  clock: Clock
  /** The time of day. */
  today?: () => Date
}

/** The time of day can be set, and goes on while a machine sleeps: the clock that waits knows of neither. */
const longestWaitMs = 60_000

/** Sets the rate that holds whenever the timetable changes it, until the function that comes back is called. */
export const followTimetable = ({
  timetable,
  setRate,
  clock,
  today = () => new Date(),
}: FollowOptions): (() => void) => {
  let cancel = () => {}
  let rate: number | undefined
  const follow = (): void => {
    const now = today()
    const holds = timetable.rateAt(now)
    if (holds !== rate) setRate(holds)
    rate = holds
    const next = timetable.nextChange(now)
    if (next) cancel = clock.after(Math.min(next.getTime() - now.getTime(), longestWaitMs), follow)
  }
  follow()
  return () => cancel()
}
