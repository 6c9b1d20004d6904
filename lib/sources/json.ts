import { none } from 'stream-chain/core'
import { jsonParser, type Token } from 'stream-json/core/parser.js'
import { jsonVerifier, type VerifierError } from 'stream-json/core/utils/verifier.js'
import { locate } from './locate.js'
import { brokenManifest, type Emit, type Reader, type Start } from './reader.js'
import { rowsOf } from './rows.js'
import type { Select } from './select.js'
import { utf8Decoder } from './utf8.js'

export type JsonOptions = {
  start: Start
  select?: Select
  emit: Emit
}

/** The parser keeps the tokens of what it is given: small pieces bound them, and are also the fastest. */
const pieceBytes = 64 * 1024

/** More than the parser ever waits for at the end of a piece: a literal or an escape that is not whole yet. */
const tailLength = 32

/**
 * Reads the rows of one JSON document. The parser knows neither where it is nor, once it throws, what it had read
 * before: so a verifier looks at each piece first, and the parser only gets what is sound.
 */
export const jsonReader = ({ start, ...options }: JsonOptions): Reader => {
  const decoder = utf8Decoder()
  // Its type leaves out the end of the text, which it is written to be told of.
  const verify = jsonVerifier() as (text: string | typeof none) => unknown
  const parse = jsonParser({ packValues: false })
  const rows = rowsOf(options)
  let bytes = start.offset
  let characters = 0
  let tail = ''
  let held = ''

  const offsetOf = (at: number, text: string): number =>
    at < 0 ? bytes - Buffer.byteLength(tail.slice(at)) : bytes + Buffer.byteLength(text.slice(0, at))

  const read = (text: string): void => {
    try {
      verify(text)
    } catch (error) {
      const at = (error as VerifierError).offset - characters
      feed(text.slice(0, Math.max(0, at)))
      const offset = offsetOf(at, text)
      const isNoJson = options.select !== undefined && offset === start.offset
      throw unexpected((tail + text).slice(tail.length + at), offset, isNoJson ? noDocument : '')
    }
    feed(text)
    bytes += Buffer.byteLength(text)
    characters += text.length
    tail = (text.length < tailLength ? tail + text : text).slice(-tailLength)
  }

  const feed = (text: string): void => {
    const parsed = parse(text) as { values: Token[] } | typeof none
    if (parsed === none) return
    const { values: tokens } = parsed
    for (let index = 0; index < tokens.length; index++) {
      const fault = rows.take(tokens[index] as Token)
      if (fault) throw brokenManifest(fault, offsetOf(locate(text, tokens.slice(0, index + 1)), text))
    }
  }

  const end = (): void => {
    read(held)
    if (!decoder.end().valid) throw brokenManifest('the document ends inside a character', bytes)
    try {
      verify(none)
    } catch (error) {
      const at = (error as VerifierError).offset - characters
      const rest = tail.slice(tail.length + at)
      if (!unfinished.test(rest)) throw unexpected(rest, offsetOf(at, ''))
      throw brokenManifest('the document ends before it is whole', bytes)
    }
    if (!rows.matched()) throw brokenManifest(nothingIn(options), bytes)
  }

  return {
    write(chunk) {
      for (let from = 0; from < chunk.length; from += pieceBytes) {
        const { text, valid } = decoder.write(chunk.subarray(from, from + pieceBytes))
        const piece = held + text
        held = piece.slice(steady(piece))
        read(piece.slice(0, piece.length - held.length))
        if (!valid) throw brokenManifest('the document is not valid UTF-8', bytes + held.length)
      }
    },
    end,
  }
}

/** Where to cut a text so that no literal and no short escape such as \" is cut: `locate` could not make sense of the rest. */
const steady = (text: string): number => {
  const last = text.slice(-5)
  const at = text.length - last.length + last.search(/[a-z]*$/)
  let backslashes = 0
  while (text[at - 1 - backslashes] === '\\') backslashes++
  return at - (backslashes % 2)
}

/** What can stand at the end of a document that was cut: nothing, or the beginning of a literal or of an escape. */
const unfinished = /^(?:t(?:ru?)?|f(?:a(?:ls?)?)?|n(?:ul?)?|\\(?:u[\da-fA-F]{0,3})?)?$/

/** What is wrong with a document that came to its end without a fault: a literal that ends it is no token yet. */
const nothingIn = ({ select }: Pick<JsonOptions, 'select'>): string =>
  select ? 'nothing in the document matches --select' : 'expected an array of entries, got a plain value'

/** One character only: what follows may be the secret part of a URL. */
const unexpected = (rest: string, offset: number, advice = ''): Error => {
  const [character] = rest
  return brokenManifest(`unexpected ${JSON.stringify(character)}${advice}`, offset)
}

const noDocument = '; with --select the manifest has to be one JSON document'
