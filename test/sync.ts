import { existsSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { startOrigin } from '../fixtures/origin.js'
import { sync } from '../lib/sync.js'

t.test('what the source names is on disk once its outcome says so', async t => {
  const origin = await startOrigin()
  t.teardown(origin.close)
  const out = join(t.testdir({}), 'out')
  const rows = ['a', 'b'].map(path => ({ url: origin.asset(`/${path}`, { size: 10 }), path }))
  const run = sync(rows, { out })
  for await (const { status, path = '' } of run) {
    t.equal(status, 'stored')
    t.ok(existsSync(join(out, path)), path)
  }
  t.match(run.summary, { entries: 2, stored: 2, exitCode: 0 })
})

t.test('wrong options are refused at the call, before anything is touched', async t => {
  const out = join(t.testdir({}), 'out')
  t.throws(() => sync([], { out, concurrency: 0 }), { code: 'ERR_OPTION', message: /--concurrency/ })
  t.notOk(existsSync(out))
  const withoutOptions = sync as unknown as (source: Iterable<string>) => unknown
  t.throws(() => withoutOptions([]), { code: 'ERR_OPTION', message: /--out/ })
})
