/** An element of SVG with its attributes, around what is inside; all of it is markup already. */
export const element = (
  name: string,
  attributes: Readonly<Record<string, string | number>>,
  ...inside: readonly string[]
): string => {
  const written = Object.entries(attributes).map(([key, value]) => ` ${key}="${inMarkup(toText(value))}"`)
  return `<${name}${written.join('')}>${inside.join('')}</${name}>`
}

/** Words at a place. */
export const words = (
  x: number,
  y: number,
  says: string,
  attributes: Readonly<Record<string, string | number>> = {},
): string => element('text', { x, y, ...attributes }, inMarkup(says))

export type Picture = {
  width: number
  height: number
  title: string
  /** What is to be seen, for those who cannot see it. */
  description: string
}

/** A whole picture, readable on light and on dark ground. */
export const picture = (
  { width, height, title, description }: Picture,
  ...inside: readonly string[]
): string => {
  const size = { width, height, viewBox: `0 0 ${width} ${height}` }
  return `${element(
    'svg',
    { xmlns: 'http://www.w3.org/2000/svg', ...size, role: 'img', 'font-family': 'system-ui, sans-serif' },
    element('title', {}, inMarkup(title)),
    element('desc', {}, inMarkup(description)),
    element('style', {}, style),
    element('rect', { width, height, class: 'ground' }),
    words(16, 26, title, { class: 'title' }),
    ...inside,
  ).replace(/(<(?:g|path|style|desc|title|rect width)\b)/g, '\n$1')}\n`
}

/** The first colour is that of the one whom the picture is about. */
const colours: [light: string, dark: string][] = [
  ['#0969da', '#58a6ff'],
  ['#8250df', '#bc8cff'],
  ['#bc4c00', '#f0883e'],
  ['#1a7f37', '#3fb950'],
]

const ofSeries = (shade: 0 | 1): string =>
  colours
    .map((colour, index) => `.s${index}{stroke:${colour[shade]}}.f${index}{fill:${colour[shade]}}`)
    .join('')

const style = [
  'text{font-size:12px;fill:#1f2328}.title{font-size:15px;font-weight:600}.faint{fill:#59636e}',
  '.on-lines{paint-order:stroke;stroke:#fff;stroke-width:4}.ground{fill:#fff}.grid{stroke:#d1d9e0}.limit{stroke:#1f2328;stroke-dasharray:5 4}',
  'path{fill:none;stroke-width:1.5}',
  ofSeries(0),
  '@media(prefers-color-scheme:dark){text{fill:#e6edf3}.faint{fill:#9198a1}.ground{fill:#0d1117}',
  '.on-lines{stroke:#0d1117}.grid{stroke:#3d444d}.limit{stroke:#e6edf3}',
  ofSeries(1),
  '}',
].join('')

const toText = (value: string | number): string =>
  typeof value === 'number' ? `${Math.round(value * 10) / 10}` : value

const inMarkup = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;')
