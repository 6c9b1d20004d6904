/** The first key that stands twice in one object of a JSON text, of which JSON.parse keeps only the last; undefined for none. */
export const duplicateKey = (json: string): string | undefined => {
  const open: Set<string>[] = []
  for (const [token, key] of json.matchAll(tokens)) {
    if (token === '{') open.push(new Set())
    else if (token === '}') open.pop()
    else if (key !== undefined) {
      // However it is escaped, it is the same key.
      const name = JSON.parse(key) as string
      const keys = open.at(-1)
      if (keys?.has(name)) return name
      keys?.add(name)
    }
  }
  return undefined
}

/** Braces, keys with their colon, and other strings, so that no brace in one is taken for one outside. */
const tokens = /[{}]|("(?:\\.|[^"\\])*")\s*:|"(?:\\.|[^"\\])*"/g
