/**
 * Where the text that JSON.parse refused with `error` stops being JSON. Its message cannot be shown: it quotes the text, which
 * may hold secrets, and of a token that should not be there it does not tell the place.
 */
export const jsonFault = (text: string, error: unknown): { line: number; column: number } => {
  const before = text.slice(0, offsetOf(text, messageOf(error))).split('\n')
  return { line: before.length, column: (before.at(-1)?.length ?? 0) + 1 }
}

const offsetOf = (text: string, message: string): number => {
  const [, position] = /at position (\d+)/.exec(message) ?? []
  if (position !== undefined) return Number(position)
  return isToken(message) ? shortestRefused(text) - 1 : text.length
}

/** The token is the last character of the shortest beginning that is refused for a token, found by halving. */
const shortestRefused = (text: string): number => {
  let [low, high] = [1, text.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if (isRefused(text.slice(0, middle))) high = middle
    else low = middle + 1
  }
  return low
}

const isRefused = (text: string): boolean => {
  try {
    JSON.parse(text)
    return false
  } catch (error) {
    return isToken(messageOf(error))
  }
}

const isToken = (message: string): boolean => /^Unexpected (token|non-whitespace|string|number)/.test(message)

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : '')
