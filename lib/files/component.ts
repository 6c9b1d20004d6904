import { hash } from 'node:crypto'

/** What Linux, macOS and every common file system allow for one name. */
export const maxComponentBytes = 255

/** Length in UTF-8, which is what file systems count. */
export const bytesOf = (text: string): number => Buffer.byteLength(text)

/** As much of `text` as fits into `bytes` of UTF-8 without splitting a code point. */
export const cut = (text: string, bytes: number): string => {
  const encoded = Buffer.from(text)
  let end = Math.min(bytes, encoded.length)
  while (((encoded[end] ?? 0) & 0xc0) === 0x80) end -= 1
  return encoded.toString('utf8', 0, end)
}

/** The first 32 hex digits (128 bits) of the SHA-256 of `text`. */
export const shortHash = (text: string): string => hash('sha256', text, 'hex').slice(0, 32)

/** Extension of a name with its dot; empty where there is none, as in `.htaccess`. */
export const extensionOf = (name: string): string => /[^.](\.[^.]+)$/.exec(name)?.[1] ?? ''

/** `name` with `-` and the hash of `text` before its extension. */
export const addHash = (name: string, text: string): string => {
  const extension = extensionOf(name)
  return `${name.slice(0, name.length - extension.length)}-${shortHash(text)}${extension}`
}

/** `text` as part of one component: separators, `:`, `\` and control characters become `_`. */
export const toComponent = (text: string): string => text.replace(/[/\\:\p{Cc}]/gu, '_')

/** `name`, or `_` where it is empty or only dots and so names no file of its own. */
export const named = (name: string): string => (/^\.*$/.test(name) ? '_' : name)

/** `name`, or where it is over 255 bytes its hash beside as much of it as fits. */
export const fitComponent = (name: string): string => {
  if (bytesOf(name) <= maxComponentBytes) return name
  const suffix = `-${shortHash(name)}`
  // Text after a dot that leaves no room for anything else is no extension.
  const extension = bytesOf(extensionOf(name)) < maxComponentBytes - suffix.length ? extensionOf(name) : ''
  const stem = name.slice(0, name.length - extension.length)
  return cut(stem, maxComponentBytes - bytesOf(suffix + extension)) + suffix + extension
}

/**
 * Whether nothing has to be done for `path` to be a safe one, as is so for nearly every path there is: short, of components that begin
 * with a letter, a digit or one of a few signs, and neither escaped nor escaping.
 */
export const isPlain = (path: string): boolean => path.length <= maxComponentBytes && plain.test(path)

const plain = /^[\w@+=,-][\w@+=,.~ -]*(?:\/[\w@+=,-][\w@+=,.~ -]*)*$/
