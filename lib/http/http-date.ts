const days = '(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)'
const longDays = '(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day'
const months = 'Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec'.split(' ')
const month = `(?<month>${months.join('|')})`
const time = '(?<hour>\\d\\d):(?<minute>\\d\\d):(?<second>\\d\\d)'

/** The three forms that RFC 9110 section 5.6.7 makes every recipient accept. */
const forms = [
  `${days}, (?<day>\\d\\d) ${month} (?<year>\\d{4}) ${time} GMT`,
  `${longDays}, (?<day>\\d\\d)-${month}-(?<year>\\d\\d) ${time} GMT`,
  `${days} ${month} (?<day>[ \\d]\\d) ${time} (?<year>\\d{4})`,
].map(form => new RegExp(`^${form}$`))

/** Milliseconds since the epoch of an HTTP-date in any of its forms, always read as UTC; undefined for anything else. */
export const parseHttpDate = (text: string, now = Date.now()): number | undefined => {
  // Date.parse would read asctime in local time, and "1" as a year.
  const fields = forms.map(form => form.exec(text)?.groups).find(groups => groups)
  if (!fields) return undefined
  const [day, hour, minute, second] = ['day', 'hour', 'minute', 'second'].map(name => Number(fields[name]))
  const moment = new Date(0)
  moment.setUTCFullYear(fullYear(fields['year'] ?? '', now), months.indexOf(fields['month'] ?? ''), day)
  if (moment.getUTCDate() !== day || hour === undefined || minute === undefined || second === undefined)
    return undefined
  // A leap second is second 60.
  return hour < 24 && minute < 60 && second <= 60 ? moment.setUTCHours(hour, minute, second) : undefined
}

/** A year of two digits is the latest one that is at most 50 years ahead. */
const fullYear = (digits: string, now: number): number => {
  if (digits.length === 4) return Number(digits)
  const latest = new Date(now).getUTCFullYear() + 50
  return latest - ((latest - Number(digits)) % 100)
}
