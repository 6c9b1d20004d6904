/** Where values are on an axis, and which of them it names. */
export type Scale = { at(value: number): number; ticks: number[] }

export type ScaleOptions = {
  /** The ends of the values, and where on the picture these are. */
  values: [from: number, to: number]
  places: [from: number, to: number]
}

/** Equal steps for equal differences; it names at most some seven round values. */
export const linear = ({ values: [least, most], places: [from, to] }: ScaleOptions): Scale => {
  const step = roundStep((most - least) / 6)
  const count = Math.floor((most - least) / step + 1e-9)
  return {
    at: value => from + ((value - least) / (most - least)) * (to - from),
    ticks: Array.from({ length: count + 1 }, (_, index) => least + index * step),
  }
}

/** Equal steps for equal ratios; it names the powers of ten. What is less than the least is at the least. */
export const logarithmic = ({ values: [least, most], places: [from, to] }: ScaleOptions): Scale => {
  const decades = Math.log10(most / least)
  const first = Math.ceil(Math.log10(least) - 1e-9)
  const last = Math.floor(Math.log10(most) + 1e-9)
  return {
    at: value => from + (Math.log10(Math.max(value, least) / least) / decades) * (to - from),
    ticks: Array.from({ length: last - first + 1 }, (_, index) => 10 ** (first + index)),
  }
}

/** The next 1, 2 or 5 with zeros. */
const roundStep = (atLeast: number): number => {
  const power = 10 ** Math.floor(Math.log10(atLeast))
  return power * ([1, 2, 5].find(step => step * power >= atLeast) ?? 10)
}
