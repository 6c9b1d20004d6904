import t from 'tap'
import { brokenManifest, maxDepth, maxRowBytes } from '../../lib/sources/reader.js'

t.test('a broken manifest says what was found and where, and ends the run', async t => {
  const error = brokenManifest('unexpected "x"', 17)
  t.match(error, { code: 'ERR_MANIFEST', scope: 'run', offset: 17 })
  t.equal(error.message, 'unexpected "x" (at byte 17 of the manifest)')
})

t.test('rows are bounded at 1 MiB and 64 levels', async t => {
  t.equal(maxRowBytes, 1024 ** 2)
  t.equal(maxDepth, 64)
})
