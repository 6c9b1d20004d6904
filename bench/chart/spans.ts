import { logarithmic } from './scale.js'
import { element, picture, words } from './svg.js'

/** One contestant: what is usual, what is rarely exceeded, and the worst. */
export type Span = { name: string; colour: number; values: readonly number[] }

export type SpansOptions = {
  title: string
  description: string
  /** What the axis shows, and what its unit is. */
  axis: string
  /** What the values of each are called, from the least to the most. */
  values: readonly string[]
  spans: readonly Span[]
}

const [width, left, right, top, rowHeight] = [860, 270, 800, 84, 40]

/** For each contestant a line from its least value to its greatest, with every one of them marked and named, on a logarithmic axis. */
export const spansOf = ({ title, description, axis, values, spans }: SpansOptions): string => {
  const all = spans.flatMap(span => span.values)
  const ends: [number, number] = [Math.min(...all) / 1.5, Math.max(...all) * 1.5]
  const scale = logarithmic({ values: ends, places: [left, right] })
  const bottom = top + spans.length * rowHeight
  const height = bottom + 48
  return picture(
    { width, height, title, description },
    words(left, 54, `${values.join(', ')}: ${axis}`, { class: 'faint' }),
    ...scale.ticks.flatMap(value => {
      const x = scale.at(value)
      return [
        element('line', { x1: x, x2: x, y1: top - 14, y2: bottom, class: 'grid' }),
        words(x, bottom + 18, value.toLocaleString('en'), { class: 'faint', 'text-anchor': 'middle' }),
      ]
    }),
    words((left + right) / 2, height - 10, axis, { class: 'faint', 'text-anchor': 'middle' }),
    ...spans.map(({ name, colour, values }, index) => {
      const y = top + index * rowHeight + rowHeight / 2
      const places = values.map(value => scale.at(value))
      const line = { x1: places[0] ?? left, x2: places.at(-1) ?? left, y1: y, y2: y, class: `s${colour}` }
      return element(
        'g',
        {},
        words(left - 16, y + 4, name, { 'text-anchor': 'end' }),
        element('line', { ...line, 'stroke-width': 3 }),
        ...values.flatMap((value, at) => {
          const x = places[at] ?? left
          const isCrowded = x - (places[at - 1] ?? 0) < 34
          return [
            element('circle', { cx: x, cy: y, r: 4 + at, class: `f${colour}` }),
            words(x, isCrowded ? y + 20 : y - 10, short(value), { class: 'faint', 'text-anchor': 'middle' }),
          ]
        }),
      )
    }),
  )
}

const short = (value: number): string => value.toFixed(value < 10 ? 1 : 0)
