import t from 'tap'
import { toDownloaded } from '../../lib/http/downloaded.js'
import { toHead } from '../../lib/http/head.js'

const lastModified = 'Wed, 21 Oct 2015 07:28:00 GMT'

t.test('an asset is described by its version, else by the answer that brought it', t => {
  const headers = {
    etag: '"b"',
    'last-modified': lastModified,
    'content-encoding': 'GZIP',
    'content-type': 'text/html',
  }
  const answer = { head: toHead(200, headers), delimited: true }
  t.strictSame(toDownloaded(answer, { version: undefined, type: 'image/png', wireBytes: 3 }), {
    wireBytes: 3,
    isProven: true,
    etag: '"b"',
    lastModified,
    type: 'image/png',
    encoding: 'gzip',
  })
  t.strictSame(
    toDownloaded(
      { head: toHead(416, {}), delimited: false },
      { version: { etag: '"a"', total: 3 }, type: undefined, wireBytes: 3 },
    ),
    { wireBytes: 3, isProven: false, etag: '"a"' },
  )
  t.end()
})
