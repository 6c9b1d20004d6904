import type { Clock } from './clock.js'
import type { Timetable } from './timetable.js'

export type FollowOptions = {
  timetable: Timetable
  setRate: (bytesPerSecond: number) => void
  clock: Clock
  /** The time of day. */
  today?: () => Date
}

/** Sets the rate that holds whenever the timetable changes it, until the function that comes back is called. */
export const followTimetable = ({
  timetable,
  setRate,
  clock,
  today = () => new Date(),
}: FollowOptions): (() => void) => {
  let cancel = () => {}
  const waitForChange = (): void => {
    const next = timetable.nextChange(today())
    if (!next) return
    cancel = clock.after(next.getTime() - today().getTime(), () => {
      setRate(timetable.rateAt(today()))
      waitForChange()
    })
  }
  waitForChange()
  return () => cancel()
}
