import { linear, logarithmic, type Scale } from './scale.js'
import { element, picture, words } from './svg.js'

/** A line over time. */
export type Series = {
  name: string
  /** Which of the colours it has. */
  colour: number
  points: readonly (readonly [seconds: number, value: number])[]
}

export type Panel = {
  /** What its values are, in words. */
  title: string
  series: readonly Series[]
  /** The greatest value that there is room for. */
  most: number
  /** On a logarithmic axis: the least one. */
  least?: number
  /** A value that is drawn as a line across, and what it is. */
  limit?: { at: number; says: string }
}

export type PanelsOptions = { title: string; description: string; panels: readonly Panel[] }

const [width, left, right] = [860, 64, 844]
const [top, panelHeight, gap] = [44, 120, 46]

/** Panels one above the other, with one axis of seconds for all of them. */
export const panelsOverTime = ({ title, description, panels }: PanelsOptions): string => {
  const height = top + panels.length * (panelHeight + gap) + 20
  const ends = panels.flatMap(({ series }) => series.flatMap(({ points }) => points.at(-1)?.[0] ?? []))
  const time = linear({ values: [0, Math.ceil(Math.max(...ends))], places: [left, right] })
  return picture(
    { width, height, title, description },
    ...panels.map((panel, index) => drawn(panel, time, top + gap / 2 + index * (panelHeight + gap))),
    words((left + right) / 2, height - 8, 'seconds', { class: 'faint', 'text-anchor': 'middle' }),
  )
}

const drawn = ({ title, series, most, least, limit }: Panel, time: Scale, y: number): string => {
  const places: [number, number] = [y + panelHeight, y]
  const scale = least ? logarithmic({ values: [least, most], places }) : linear({ values: [0, most], places })
  const across = (value: number, kind: string): string =>
    element('line', { x1: left, x2: right, y1: scale.at(value), y2: scale.at(value), class: kind })
  const pathOf = ({ points, colour }: Series): string => {
    const steps = points.map(([seconds, value], index) => {
      const place = [time.at(seconds), scale.at(Math.min(value, most))].map(at => at.toFixed(1))
      return `${index === 0 ? 'M' : 'L'}${place.join(' ')}`
    })
    return element('path', { class: `s${colour}`, d: steps.join('') })
  }
  return element(
    'g',
    {},
    words(left, y - 8, title, { class: 'faint' }),
    ...legend(series, y - 8),
    ...scale.ticks.flatMap(value => [
      across(value, 'grid'),
      words(left - 8, scale.at(value) + 4, named(value), { class: 'faint', 'text-anchor': 'end' }),
    ]),
    ...time.ticks.map(seconds =>
      words(time.at(seconds), y + panelHeight + 16, named(seconds), {
        class: 'faint',
        'text-anchor': 'middle',
      }),
    ),
    ...series.map(pathOf),
    ...(limit ? [across(limit.at, 'limit'), words(right, scale.at(limit.at) - 5, limit.says, onLines)] : []),
  )
}

const toTheEnd = { 'text-anchor': 'end' }
const onLines = { ...toTheEnd, class: 'on-lines' }

/** Names in the colours of their lines, from the right. */
const legend = (series: readonly Series[], y: number): string[] => {
  let x = right
  return series.toReversed().map(({ name, colour }) => {
    const says = words(x, y, name, { ...toTheEnd, class: `f${colour}`, style: 'font-weight:600' })
    x -= name.length * 7 + 20
    return says
  })
}

const named = (value: number): string => value.toLocaleString('en', { maximumFractionDigits: 3 })
