import { join } from 'node:path'
import t from 'tap'
import { makeRoot } from '../../fixtures/sink.js'
import { openIndex } from '../../lib/files/open-index.js'

t.test('what is put is there the next time, and the directory is held meanwhile', async t => {
  const out = join(makeRoot(t), 'out')
  const asset = { urlKey: 'key', etag: '"1"', wireBytes: 5, bytes: 5, mtimeMs: 7 }
  const index = await openIndex(out)
  await index.put('a.jpg', asset)
  await t.rejects(openIndex(out), { code: 'ERR_DESTINATION', message: /another sluice run/ })
  await index.close()
  const again = await openIndex(out, { durable: true })
  t.strictSame(await again.get('a.jpg'), asset)
  t.equal(await again.get('b.jpg'), undefined)
  await again.close()
})
