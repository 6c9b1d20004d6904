import type { Token, TokenName } from 'stream-json/core/parser.js'

/**
 * Where in `text` the last of `tokens`, those read from it so far, begins; 0 where that was in an earlier text.
 * The parser does not tell where its tokens stand, so they are counted again, in text that is known to be sound.
 */
export const locate = (text: string, tokens: readonly Token[]): number => {
  const first = tokens.find(({ name }) => !name.endsWith('Chunk'))?.name
  const from = (first && carriedOver[first]?.exec(text)?.[0].length) ?? 0
  const begun = tokens.filter(({ name }) => begins.has(name)).length
  const last = [...text.slice(from).matchAll(lexeme)][begun - 1]
  return last ? from + last.index : 0
}

/** What a text opens with when its first token is the end of something that began earlier. */
const carriedOver: Partial<Record<TokenName, RegExp>> = {
  endKey: /^(?:[^"\\]+|\\.)*"/,
  endString: /^(?:[^"\\]+|\\.)*"/,
  endNumber: /^[-+.\deE]*/,
}

const begins = new Set<TokenName>([
  'startObject',
  'endObject',
  'startArray',
  'endArray',
  'startKey',
  'startString',
  'startNumber',
  'nullValue',
  'trueValue',
  'falseValue',
])

const lexeme = /"(?:[^"\\]+|\\.)*"?|[{}[\]]|[^\s"{}[\]:,]+/g
