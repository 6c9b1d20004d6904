import { linear } from './scale.js'
import { element, picture, words } from './svg.js'

/** When each of several actors did something, in seconds. */
export type TickRows = {
  name: string
  colour: number
  rows: readonly (readonly number[])[]
}

export type TicksOptions = {
  title: string
  description: string
  blocks: readonly TickRows[]
  /** What happened meanwhile, and when. */
  marks: readonly { seconds: number; says: string }[]
  seconds: number
}

const [width, left, right, top, rowHeight, gap] = [860, 110, 844, 66, 14, 30]

/** For each actor a row with a tick for every time that it did something, and lines down through all for what happened. */
export const ticksOverTime = ({ title, description, blocks, marks, seconds }: TicksOptions): string => {
  const time = linear({ values: [0, seconds], places: [left, right] })
  const heights = blocks.map(({ rows }) => rows.length * rowHeight)
  const bottom = top + heights.reduce((sum, height) => sum + height + gap, 0) - gap
  const startOf = (block: number): number =>
    heights.slice(0, block).reduce((sum, height) => sum + height + gap, top)
  return picture(
    { width, height: bottom + 44, title, description },
    ...blocks.map(({ name, colour, rows }, block) =>
      element(
        'g',
        {},
        words(16, startOf(block) + 12, name, { class: `f${colour}`, style: 'font-weight:600' }),
        ...rows.map((at, row) => {
          const y = startOf(block) + row * rowHeight
          const ticks = at.map(second => `M${time.at(second).toFixed(1)} ${y}v${rowHeight - 4}`)
          return element('path', { class: `s${colour}`, d: ticks.join('') })
        }),
      ),
    ),
    ...marks.flatMap(({ seconds: at, says }) => [
      element('line', { x1: time.at(at), x2: time.at(at), y1: top - 8, y2: bottom, class: 'limit' }),
      words(time.at(at), top - 14, says, { 'text-anchor': 'middle' }),
    ]),
    ...time.ticks.map(second =>
      words(time.at(second), bottom + 16, String(second), { class: 'faint', 'text-anchor': 'middle' }),
    ),
    words((left + right) / 2, bottom + 36, 'seconds', { class: 'faint', 'text-anchor': 'middle' }),
  )
}
