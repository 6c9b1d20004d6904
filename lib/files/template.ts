import { isReserved } from '../echo.js'
import type { Entry } from '../entry.js'
import { SyncError } from '../errors.js'
import {
  addHash,
  bytesOf,
  cut,
  extensionOf,
  fitComponent,
  isPlain,
  maxComponentBytes,
  named,
  toComponent,
} from './component.js'
import { foldAll, maxPathBytes, safePath, stateDirectory } from './destination.js'
import { urlKey } from './url-key.js'

export type TemplateOptions = {
  /** What identifies a URL: all of it, or its origin and path. */
  urlKey: 'full' | 'path'
}

/**
 * Checks a template once (ERR_OPTION says what is wrong with it) and gives the function that names an entry of the manifest
 * without a path of its own: always a safe path, whatever the URL; throws ERR_PATH_INVALID for a field the entry lacks.
 */
export const pathTemplate = (
  template: string,
  { urlKey: keyedBy }: TemplateOptions,
): ((entry: Entry) => string) => {
  // The slash that {pathname} begins with separates, but never twice and not at the start.
  const parts = template.replace(/(?<=[^/])\{pathname\}/g, '/{pathname}').split(/\{([^{}]*)\}/)
  check(template, parts)
  return entry => {
    const url = keyedBy === 'path' ? withoutQuery(entry.assetUrl) : entry.assetUrl
    return toSafePath(fill(parts, name => derived.get(name)?.(url, entry) ?? field(name, entry)))
  }
}

/** Literal text and the names of placeholders take turns in `parts`. */
const fill = (parts: readonly string[], render: (name: string) => string): string =>
  parts.map((part, n) => (n % 2 ? render(part) : part)).join('')

/** File names carry no user info, signed query or header, and an entry with a path is not named by a template. */
const unknown = new Set(['', 'url', 'path', 'headers'])

/** Of the fields that outcomes define, those that an entry has all the same. */
const nameable = new Set(['index', 'etag', 'lastModified'])

const check = (template: string, parts: readonly string[]): void => {
  const wrong = (why: string, cause?: unknown) =>
    new SyncError('ERR_OPTION', `--path: ${why}, got ${JSON.stringify(template.slice(0, 200))}`, { cause })
  const shape = fill(parts, name => {
    if (unknown.has(name)) throw wrong(`unknown placeholder {${name}}`)
    if (isReserved(name) && !nameable.has(name))
      throw wrong(`{${name}} is reserved for outcomes, so that no field of an entry can have that name`)
    return 'x'
  })
  const unmatched = /[{}].*/s.exec(shape)
  if (unmatched) throw wrong(`unmatched brace at ${JSON.stringify(unmatched[0])}`)
  try {
    safePath(shape)
  } catch (error) {
    throw wrong('expected a relative path without "..", backslashes and empty components', error)
  }
}

const derived = new Map<string, (url: URL, entry: Entry) => string>([
  ['host', url => url.host.replace(/[[\]:]/g, '_')],
  ['pathname', url => pathnameOf(url)],
  ['basename', url => basename(url)],
  ['ext', url => extensionOf(lastComponent(url))],
  ['hash', url => urlKey(url, 'full')],
  ['index', (_, entry) => String(entry.index)],
])

const pathnameOf = (url: URL): string => {
  const path = url.pathname.slice(1)
  return isPlain(path) && url.search === '' ? path : [...directories(url), basename(url)].join('/')
}

const directories = (url: URL): string[] => url.pathname.split('/').slice(1, -1).map(component)

const basename = (url: URL): string =>
  url.search ? addHash(lastComponent(url), url.search.slice(1)) : lastComponent(url)

const lastComponent = ({ pathname }: URL): string =>
  pathname.endsWith('/') ? 'index' : component(pathname.slice(pathname.lastIndexOf('/') + 1))

const component = (escaped: string): string => named(toComponent(decode(escaped)))

/** Once, and only what is UTF-8: any other escape stays. */
const decode = (escaped: string): string =>
  escaped.replace(wellFormedEscapes, escapes => decodeURIComponent(escapes))

/** The UTF-8 of RFC 3629 section 4 in percent-encoding, so that decodeURIComponent cannot throw. */
const wellFormedEscapes = (() => {
  const tail = '%[89ab][0-9a-f]'
  const two = `%(?:c[2-9a-f]|d[0-9a-f])${tail}`
  const three = `(?:%e0%[ab][0-9a-f]|%e[1-9a-cef]${tail}|%ed%[89][0-9a-f])${tail}`
  const four = `(?:%f0%[9ab][0-9a-f]|%f[1-3]${tail}|%f4%8[0-9a-f])${tail}${tail}`
  return new RegExp(`%[0-7][0-9a-f]|${two}|${three}|${four}`, 'gi')
})()

const field = (name: string, { extra, etag, lastModified }: Entry): string => {
  const value = name === 'etag' ? etag : name === 'lastModified' ? lastModified : extra[name]
  if (typeof value === 'number') return toComponent(String(value))
  if (typeof value === 'string' && value.isWellFormed()) return toComponent(value)
  const what =
    value === undefined || value === null ? ', which the entry has not' : ' as a string or a number'
  throw new SyncError('ERR_PATH_INVALID', `path: the template needs the field ${JSON.stringify(name)}${what}`)
}

const toSafePath = (path: string): string => {
  if (isPlain(path)) return path
  const components = path.split('/').map(name => fitComponent(named(name)))
  const whole = unreserved(components.join('/'))
  if (bytesOf(whole) <= maxPathBytes) return whole
  const room = cut(whole, maxPathBytes - maxComponentBytes - 1)
  const name = fitComponent(addHash(components.at(-1) ?? '', whole))
  return `${room.slice(0, room.lastIndexOf('/'))}/${name}`
}

/** Neither the state directory nor a drive letter, which literal text and fields could make up together. */
const unreserved = (path: string): string => {
  const [first = ''] = path.split('/', 1)
  if (foldAll(first) === reserved) return path.replace('.', '_')
  return path.replace(/^([a-z]):/i, '$1_')
}

const reserved = foldAll(stateDirectory)

const withoutQuery = (url: URL): URL => {
  const key = new URL(url)
  key.search = ''
  return key
}
