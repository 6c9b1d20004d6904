/** `text` in lines of at most `columns`, broken at blanks; a word that is longer has a line of its own. */
export const wrap = (text: string, columns: number): string[] => {
  const lines: string[] = []
  let line = ''
  for (const word of text.split(' ')) {
    const longer = line === '' ? word : `${line} ${word}`
    if (line !== '' && longer.length > columns) {
      lines.push(line)
      line = word
    } else line = longer
  }
  return [...lines, line]
}

/** `text` behind a `label` that fills `indent` columns, its further lines below its first. */
export const hang = (
  label: string,
  text: string,
  { indent, columns }: { indent: number; columns: number },
): string =>
  wrap(text, columns - indent)
    .map((line, number) => (number === 0 ? label.padEnd(indent) : ' '.repeat(indent)) + line)
    .join('\n')
