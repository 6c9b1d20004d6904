/** What a stream can show. */
export type Terminal = {
  /** Whether people read it, as far as can be told. */
  readonly isTTY: boolean
  /** Whether a line can be drawn anew: a dumb terminal would show the escape sequences. */
  readonly canRedraw: boolean
  /** How many characters a line has. */
  columns(): number
  /** `text` in a colour, where the terminal has colours and nobody asked for none (no-color.org). */
  paint(colour: Colour, text: string): string
}

export type Colour = keyof typeof colours

/** SGR parameters (ECMA-48 section 8.3.117). */
const colours = { red: 31, yellow: 33 }

export const terminalOf = (
  stream: Pick<NodeJS.WriteStream, 'isTTY' | 'columns'>,
  { TERM, NO_COLOR }: NodeJS.ProcessEnv,
): Terminal => {
  const isTTY = stream.isTTY === true
  const canRedraw = isTTY && TERM !== 'dumb'
  const isPlain = !canRedraw || Boolean(NO_COLOR)
  return {
    isTTY,
    canRedraw,
    // A terminal that does not know its width says 0.
    columns: () => stream.columns || 80,
    paint: (colour, text) => (isPlain ? text : `\x1b[${colours[colour]}m${text}\x1b[39m`),
  }
}

/** The sequence that takes the cursor to the beginning of its line and leaves that line empty. */
export const emptyLine = '\r\x1b[K'
