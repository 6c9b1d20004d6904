import type { Token } from 'stream-json/core/parser.js'
import { type Emit, maxDepth, maxRowBytes } from './reader.js'
import type { Select } from './select.js'

export type RowsOptions = {
  /** Where the rows are; without it they are the elements of an array. */
  select?: Select
  emit: Emit
}

export type Rows = {
  /** Takes the next token of the document; answers with what is wrong with it, if anything is. */
  take(token: Token): string | undefined
  /** Whether anything in the document was where the rows are, even if it was empty. */
  matched(): boolean
}

/** What the next value is: part of the row being built, a row, a step on the way to rows, or of no interest. */
type Place = 'part' | 'row' | 'way' | 'skip'

type Container = unknown[] | Record<string, unknown>

/**
 * Builds rows from the tokens of one JSON document, and never holds more than the row it is at.
 * Containers on the way to the rows are only counted (`way`), a row is built from its first token on (`building`), and
 * the rest is passed over (`skipped` open containers) without being kept.
 */
export const rowsOf = ({ select, emit }: RowsOptions): Rows => {
  const path = select ?? ['*']
  const way: { array: boolean; children: number }[] = []
  const building: Container[] = []
  let skipped = 0
  let depth = 0
  let size = 0
  let place: Place = 'way'
  let key = ''
  let text = ''
  let matched = false

  const next = (): Place => {
    if (skipped > 0) return 'skip'
    if (building.length > 0) return 'part'
    const parent = way.at(-1)
    if (parent) {
      const component = path[way.length - 1]
      const name = parent.array ? parent.children : key
      parent.children++
      if (component !== '*' && component !== String(name)) return 'skip'
    }
    if (way.length < path.length) return 'way'
    size = 0
    return 'row'
  }

  const grow = (by: number): string | undefined => {
    size += by
    return size > maxRowBytes ? 'an entry is over 1 MiB' : undefined
  }

  const add = (value: unknown): void => {
    const parent = building.at(-1) as Container
    if (Array.isArray(parent)) parent.push(value)
    else if (key === '__proto__')
      // Assigned, it would replace the prototype instead of becoming a field.
      Object.defineProperty(parent, key, { value, writable: true, enumerable: true, configurable: true })
    else parent[key] = value
  }

  const open = (container: Container): string | undefined => {
    if (++depth > maxDepth) return `nested deeper than ${maxDepth} levels`
    place = next()
    if (place === 'skip') skipped++
    else if (place === 'way') {
      const array = Array.isArray(container)
      if (!select && !array) return 'expected an array of entries, got an object: use --select'
      way.push({ array, children: 0 })
    } else {
      if (place === 'part') add(container)
      building.push(container)
      return grow(2)
    }
    return undefined
  }

  const close = (): void => {
    depth--
    if (skipped > 0) skipped--
    else if (building.length > 0) {
      const row = building.pop()
      if (building.length === 0) deliver(row)
    } else if (way.pop()?.children === 0 && path[way.length] === '*') matched = true
  }

  const begin = (value?: boolean | null): string | undefined => {
    place = next()
    text = ''
    if (place === 'part' || place === 'row') return grow(1)
    if (place === 'skip' || (select && value === null)) return undefined
    return select
      ? 'expected an array or an object where --select goes on, got a plain value'
      : 'expected an array of entries, got a plain value'
  }

  const end = (value: unknown): void => {
    if (place === 'part') add(value)
    else if (place === 'row') deliver(value)
  }

  const deliver = (row: unknown): void => {
    matched = true
    if (row !== null || !select) emit(row)
  }

  const take = (token: Token): string | undefined => {
    switch (token.name) {
      case 'stringChunk':
      case 'numberChunk':
        if (place === 'skip') break
        text += token.value
        return grow(Buffer.byteLength(token.value))
      case 'startKey':
        text = ''
        place = skipped > 0 ? 'skip' : building.length > 0 ? 'part' : 'way'
        if (place === 'skip') break
        if (place === 'way') size = 0
        return grow(1)
      case 'endKey':
        key = text
        break
      case 'startString':
      case 'startNumber':
        return begin()
      case 'endString':
        end(text)
        break
      case 'endNumber':
        end(Number(text))
        break
      case 'startObject':
        return open({})
      case 'startArray':
        return open([])
      case 'endObject':
      case 'endArray':
        close()
        break
      case 'nullValue':
      case 'trueValue':
      case 'falseValue': {
        const fault = begin(token.value)
        end(token.value)
        return fault
      }
    }
    return undefined
  }

  return { take, matched: () => matched }
}
