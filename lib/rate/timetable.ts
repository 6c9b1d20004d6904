import { parseRate } from '../units.js'

/** What the cap is over a week: the rate that holds at a moment, and when it changes next. */
export type Timetable = {
  /** Bytes per second; Infinity is no cap. */
  rateAt(at: Date): number
  /** The first moment after `at` at which another rate holds; undefined where it never changes. */
  nextChange(at: Date): Date | undefined
  /** As it was written, where it was text. */
  readonly text?: string
}

/** No cap, ever. */
export const uncapped: Timetable = { rateAt: () => Number.POSITIVE_INFINITY, nextChange: () => undefined }

/** The timetable that a bare rate or rclone's `[DAY-]HH:MM,RATE …` means in local time; undefined for anything else. */
export const parseTimetable = (text: string): Timetable | undefined => {
  const rate = parseRate(text)
  if (rate !== undefined) return { text, rateAt: () => rate, nextChange: () => undefined }
  const slots = parseSlots(text)
  return slots && { text, ...weekly(slots) }
}

/** From minute `from` of the week (Sunday is day 0) until the next slot. */
type Slot = { readonly from: number; readonly rate: number }

const dayMinutes = 24 * 60
const weekMinutes = 7 * dayMinutes
const minuteMs = 60_000

const weekly = (slots: readonly Slot[]): Timetable => {
  const rateAt = (at: Date): number => {
    const minute = minuteOfWeek(at)
    // Before the week's first slot, last week's last one still holds.
    return (slots.findLast(({ from }) => from <= minute) ?? slots.at(-1))?.rate ?? Number.POSITIVE_INFINITY
  }
  const nextChange = (at: Date): Date | undefined => {
    const rate = rateAt(at)
    // Two weeks, because a slot can fall into the hour that a change of the clocks skips.
    const end = at.getTime() + 2 * weekMinutes * minuteMs
    for (let moment = at; moment.getTime() < end; moment = nextStep(moment, slots))
      if (rateAt(moment) !== rate) return moment
    return undefined
  }
  return { rateAt, nextChange }
}

/** The start of the next slot, or if that is sooner the next quarter of an hour: a change of the clocks can only fall there. */
const nextStep = (at: Date, slots: readonly Slot[]): Date => {
  const minute = minuteOfWeek(at)
  const next = slots.find(({ from }) => from > minute)?.from ?? weekMinutes
  const started = Math.floor(at.getTime() / minuteMs)
  return new Date((started + Math.min(next - minute, 15 - (started % 15))) * minuteMs)
}

const minuteOfWeek = (at: Date): number => at.getDay() * dayMinutes + at.getHours() * 60 + at.getMinutes()

const parseSlots = (text: string): Slot[] | undefined => {
  const everyDay = new Map<number, number>()
  const oneDay = new Map<number, number>()
  for (const slot of text.trim().split(/[\s;]+/)) {
    const [, day, hour, minute, rateText = ''] =
      /^(?:([a-z]+)-)?([01]\d|2[0-3]):([0-5]\d),(.+)$/i.exec(slot) ?? []
    const rate = parseRate(rateText)
    const days = day === undefined ? [0, 1, 2, 3, 4, 5, 6] : [dayOf(day)]
    if (rate === undefined || days.includes(-1)) return undefined
    const slotsOf = day === undefined ? everyDay : oneDay
    for (const number of days) slotsOf.set(number * dayMinutes + Number(hour) * 60 + Number(minute), rate)
  }
  // At the same minute a slot of that day wins over one of every day, whichever comes first in the text.
  return [...new Map([...everyDay, ...oneDay])]
    .map(([from, rate]) => ({ from, rate }))
    .sort((a, b) => a.from - b.from)
}

const weekdays = 'sunday monday tuesday wednesday thursday friday saturday'.split(' ')

const dayOf = (name: string): number =>
  weekdays.findIndex(day => day === name.toLowerCase() || day.slice(0, 3) === name.toLowerCase())
