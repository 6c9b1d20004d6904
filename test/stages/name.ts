import t from 'tap'
import { entryOf } from '../../fixtures/entries.js'
import { SyncError } from '../../lib/errors.js'
import { name } from '../../lib/stages/name.js'

const stage = name({
  template: ({ assetUrl }) => `derived${assetUrl.pathname}`,
  safePath: path => {
    if (path.includes('..')) throw new SyncError('ERR_PATH_ESCAPE', 'a path that leaves the root')
    return path.normalize('NFC')
  },
  urlKey: ({ pathname }) => `key of ${pathname}`,
})

t.test('a path of its own wins, any other entry is named by the template', async t => {
  t.match(stage(entryOf(1, { path: 'given/1.jpg' })), { path: 'given/1.jpg', urlKey: 'key of /1.jpg' })
  t.match(stage(entryOf(1)), { path: 'derived/1.jpg' })
})

t.test('the path is the safe form of what was given', async t => {
  t.match(stage(entryOf(0, { path: 'u\u0308' })), { path: '\u00fc' })
})

t.test('an entry without a safe path is refused, and an empty path is not taken for none', async t => {
  t.throws(() => stage(entryOf(0, { path: '../up' })), { code: 'ERR_PATH_ESCAPE' })
  t.match(stage(entryOf(0, { path: '' })), { path: '' }, 'safePath decides about it')
})

t.test('the entry that came in is left as it is', async t => {
  const entry = entryOf(0, { sku: 7 })
  t.match(stage(entry), { ...entry, path: 'derived/0.jpg' })
  t.notHas(entry, 'path')
})
