import { readdirSync } from 'node:fs'
import { join } from 'node:path'

const root = join(import.meta.dirname, '..')

/** What the suites of a group prove: all of their folder. */
const folders = {
  bin: 'bin',
  lua: 'lib/pool/redis/lua',
  redis: 'lib/pool/redis',
  socket: 'lib/pool/socket',
  words: 'lib',
}
const about = new Set(['bench', 'fixtures'])
const filesOf = folder =>
  readdirSync(join(root, folder))
    .filter(name => name.endsWith('.ts'))
    .map(name => `${folder}/${name}`)

// test/x/y.ts proves lib/x/y.ts, test/bin/y.ts proves bin/y.ts; suites about the whole prove no one file.
export default file => {
  if (
    /^test\/(house|readme|whole|package|examples|contract|link|wishes|(?:fixtures|bench)\/.*)\.ts$/.test(file)
  )
    return null
  const [, group] = /^test\/together\/(.*)\.ts$/.exec(file) ?? []
  if (about.has(group)) return null
  if (group !== undefined) return filesOf(folders[group] ?? `lib/${group}`)
  return file.startsWith('test/bin/') ? file.slice('test/'.length) : file.replace(/^test\//, 'lib/')
}
