import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import t, { type Test } from 'tap'
import { type Claims, openClaims, type Taken } from '../../lib/files/claims.js'

const exact = (path: string) => path
const tiny = { recent: 3, filterBytes: 64, directories: 2 }

const opened = (t: Test, fold = exact) => {
  const dir = join(t.testdir(), 'claims')
  const claims = openClaims(dir, { fold })
  t.teardown(() => claims.close())
  return { dir, claims }
}

t.test('the first claim gets the destination, a later one is told who has it', async t => {
  const { claims } = opened(t)
  t.equal(claims.claim('a/1.jpg', 0, 'url'), undefined)
  t.same(claims.claim('a/1.jpg', 1, 'url'), { of: 0, sameUrl: true })
  t.same(claims.claim('a/1.jpg', 2, 'other'), { of: 0, sameUrl: false })
  t.equal(claims.claim('a/2.jpg', 3, 'url'), undefined)
})

t.test('a file beside a directory of its name is taken, whichever comes first', async t => {
  const { claims } = opened(t)
  await claims.claim('a', 0, 'url')
  t.same(claims.claim('a/b', 1, 'url'), { of: 0, sameUrl: false })
  t.same(claims.claim('a/b/c', 2, 'url'), { of: 0, sameUrl: false })
  await claims.claim('x/y/z', 3, 'url')
  await claims.claim('x/y/w', 4, 'url')
  t.same(claims.claim('x/y', 5, 'url'), { of: 3, sameUrl: false }, 'the first that needed the directory')
  t.same(claims.claim('x', 6, 'url'), { of: 3, sameUrl: false })
})

t.test('a claim that is refused claims no directory either', async t => {
  const { claims } = opened(t)
  await claims.claim('a/b', 0, 'url')
  await claims.claim('a/b/c/d', 1, 'url')
  t.same(claims.claim('a/b/c', 2, 'url'), { of: 0, sameUrl: false }, 'not of 1')
})

t.test('paths with the same fold are one destination, directories too', async t => {
  const { claims } = opened(t, path => path.toLowerCase())
  await claims.claim('A/b', 0, 'url')
  t.same(claims.claim('a/B', 1, 'url'), { of: 0, sameUrl: true })
  t.same(claims.claim('a', 2, 'url'), { of: 0, sameUrl: false })
})

t.test('a small run is answered at once and never touches the disk', async t => {
  const { dir, claims } = opened(t)
  for (let index = 0; index < 10_000; index++)
    if (claims.claim(`a/${index}`, index, 'url') !== undefined) t.fail('a new path is not new')
  t.notOk(existsSync(dir))
})

t.test('new paths are still answered at once when older ones are on disk', async t => {
  const claims = openClaims(join(t.testdir(), 'claims'), {
    fold: exact,
    bounds: { recent: 10, filterBytes: 1024 * 1024, directories: 2 },
  })
  let waited = 0
  for (let index = 0; index < 1000; index++) {
    const taken = claims.claim(`a/${index}`, index, 'url')
    if (taken instanceof Promise) waited++
    t.equal(await taken, undefined)
    await new Promise(setImmediate)
  }
  t.ok(waited < 200, `${waited} of 1,000 waited`)
  t.same(await claims.claim('a/0', 1000, 'url'), { of: 0, sameUrl: true })
  await claims.close()
})

t.test('what was claimed is deleted at close, after what was asked is answered', async t => {
  const dir = join(t.testdir(), 'claims')
  const claims = openClaims(dir, { fold: exact, bounds: tiny })
  const answers = Array.from({ length: 50 }, (_, index) => claims.claim(`${index % 25}`, index, 'url'))
  await claims.close()
  const takens = await Promise.all(answers)
  t.equal(takens.filter(taken => taken?.sameUrl).length, 25)
  t.notOk(existsSync(dir))
})

t.test('when the disk fails, what waits and what comes later fails with it', async t => {
  const dir = join(t.testdir(), 'claims')
  const claims = openClaims(dir, { fold: exact, bounds: tiny })
  writeFileSync(dir, 'a file where the database must go')
  const answers = Array.from({ length: 20 }, async (_, index) => claims.claim(`${index}`, index, 'url'))
  const failed = (await Promise.allSettled(answers)).filter(answer => answer.status === 'rejected')
  t.ok(failed.length > 0)
  for (const { reason } of failed) t.match(reason, { code: 'ERR_DESTINATION', scope: 'run' })
  t.throws(() => claims.claim('late', 20, 'url'), { code: 'ERR_DESTINATION' })
  await claims.close()
})

/** What claims promise, in the plainest words. */
const plainClaims = () => {
  const files = new Map<string, { of: number; urlKey: string }>()
  const directories = new Map<string, number>()
  return (path: string, index: number, urlKey: string): Taken | undefined => {
    const file = files.get(path)
    if (file) return { of: file.of, sameUrl: file.urlKey === urlKey }
    const directory = directories.get(path)
    if (directory !== undefined) return { of: directory, sameUrl: false }
    const names = path.split('/')
    const parents = names.slice(1).map((_, depth) => names.slice(0, depth + 1).join('/'))
    for (const parent of parents) {
      const inTheWay = files.get(parent)
      if (inTheWay) return { of: inTheWay.of, sameUrl: false }
    }
    files.set(path, { of: index, urlKey })
    for (const parent of parents) if (!directories.has(parent)) directories.set(parent, index)
    return undefined
  }
}

t.test('whatever is claimed and awaited in whatever order, the answers are those of a plain Map', async t => {
  const path = fc
    .array(fc.constantFrom('a', 'b', 'c', 'd'), { minLength: 1, maxLength: 4 })
    .map(names => names.join('/'))
  const call = fc.record({
    path: fc.oneof(path, fc.nat(60).map(String)),
    url: fc.constantFrom('u', 'v'),
    wait: fc.constantFrom('no', 'no', 'turn', 'answer', 'all'),
  })
  const bounds = fc.record({
    recent: fc.integer({ min: 1, max: 8 }),
    filterBytes: fc.constantFrom(64, 4096),
    directories: fc.integer({ min: 1, max: 3 }),
  })
  const dir = t.testdir()
  let run = 0
  await fc.assert(
    fc.asyncProperty(fc.array(call, { maxLength: 150, size: 'max' }), bounds, async (calls, bounds) => {
      const claims: Claims = openClaims(join(dir, String(run++)), { fold: exact, bounds })
      const plain = plainClaims()
      const answers: (Taken | undefined | Promise<Taken | undefined>)[] = []
      const expected: (Taken | undefined)[] = []
      for (const [index, { path, url, wait }] of calls.entries()) {
        answers.push(claims.claim(path, index, url))
        expected.push(plain(path, index, url))
        if (wait === 'turn') await new Promise(setImmediate)
        if (wait === 'answer') await answers.at(-1)
        if (wait === 'all') await Promise.all(answers)
      }
      t.strictSame(await Promise.all(answers), expected)
      await claims.close()
    }),
    { numRuns: 100, seed: 20 },
  )
})
