import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { openKeeper, shownUrl } from '../../lib/pool/open-keeper.js'

t.test('a pool on this host is opened by its socket', async t => {
  const directory = mkdtempSync(join(tmpdir(), 'sluice-'))
  t.teardown(() => rmSync(directory, { recursive: true }))
  const keeper = await openKeeper(`unix:${directory}/pool.sock`, 'name')
  t.match(await keeper.status(), { users: [] })
  await keeper.close()
})

t.test('a pool is shown without its password', async t => {
  t.equal(shownUrl('redis://user:secret@host:6379/0'), 'redis://host:6379/0')
  t.equal(shownUrl('local:'), 'local:')
  t.equal(shownUrl('unix:/run/pool.sock'), 'unix:/run/pool.sock')
})
