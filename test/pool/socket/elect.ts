import { once } from 'node:events'
import { existsSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import t from 'tap'
import { socketOf } from '../../../fixtures/pool/place.js'
import { elect } from '../../../lib/pool/socket/elect.js'
import type { Link } from '../../../lib/pool/socket/link.js'

t.test('the first one serves, the next one is led to it', async t => {
  const { path } = socketOf(t)
  const first = (await elect(path)) as Link
  t.ok(existsSync(path))
  const next = (await elect(path)) as Link
  await next.close()
  t.ok(existsSync(path), 'it was not the one that serves')
  await first.close()
  t.notOk(existsSync(path))
  const again = (await elect(path)) as Link
  t.ok(existsSync(path), 'the lock was given free')
  await again.close()
})

t.test('of many at once one serves, and the others are led to it or told to come again', async t => {
  const { path } = socketOf(t)
  const links = await Promise.all(Array.from({ length: 8 }, () => elect(path)))
  t.ok(links.some(Boolean))
  t.equal(links.filter(Boolean).length, 1)
  await Promise.all(links.map(link => link?.close()))
})

t.test('who serves without the lock is left in peace', async t => {
  const { path } = socketOf(t)
  const server = createServer().listen(path)
  t.teardown(() => server.close())
  await once(server, 'listening')
  const link = (await elect(path)) as Link
  t.notOk(existsSync(`${path}.lock`))
  await link.close()
  t.ok(existsSync(path))
})

t.test('whoever cannot serve gives the lock free, and says why', async t => {
  const { path } = socketOf(t)
  writeFileSync(path, 'mine')
  await t.rejects(elect(path), { code: 'ERR_OPTION' })
  rmSync(path)
  const link = (await elect(path)) as Link
  await link.close()
  await t.rejects(elect('/dev/null/pool'), {
    code: 'ERR_POOL',
    message: 'the pool at /dev/null/pool cannot be connected to (ENOTDIR)',
  })
})
