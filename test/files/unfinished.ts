import { statSync, utimesSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { markUnfinished, unfinishedSince } from '../../lib/files/unfinished.js'

t.test('a run that came to its end leaves no mark, one that was killed that of its start', async t => {
  const home = t.testdir()
  t.equal(await unfinishedSince(home), undefined)
  const finish = await markUnfinished(home)
  const mark = join(home, 'unfinished')
  t.equal(statSync(mark).mode & 0o777, 0o600)
  t.equal(await unfinishedSince(home), statSync(mark).mtimeMs)
  await finish()
  t.equal(await unfinishedSince(home), undefined)
  await finish()
})

t.test('of several killed runs the earliest counts', async t => {
  const home = t.testdir()
  await markUnfinished(home)
  utimesSync(join(home, 'unfinished'), 1000, 1000)
  const finish = await markUnfinished(home)
  t.equal(await unfinishedSince(home), 1_000_000)
  await finish()
})

t.test('a mark that cannot be looked for is an error', async t => {
  const home = t.testdir({ inner: {} })
  await t.rejects(unfinishedSince(join(home, 'inner', '\0')), { code: 'ERR_INVALID_ARG_VALUE' })
  await t.rejects(markUnfinished(join(home, 'missing')), { code: 'ENOENT' })
})
