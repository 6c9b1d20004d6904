import { readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { ClassicLevel } from 'classic-level'
import t, { type Test } from 'tap'
import { levelWrites } from '../../fixtures/level-writes.js'
import type { StoredAsset } from '../../lib/entry.js'
import { type AssetIndex, openAssetIndex } from '../../lib/files/asset-index.js'

const asset = (n: number): StoredAsset => ({
  urlKey: 'a'.repeat(32),
  etag: `"${n}"`,
  wireBytes: n,
  bytes: n,
  mtimeMs: 1_700_000_000_000 + n,
})

const filesOf = (dir: string) => join(dir, '.sluice', 'index')

/** An index with `count` assets, merged into tables, closed again. */
const filled = async (dir: string, count: number) => {
  const index = await openAssetIndex(dir, { durable: false })
  await Promise.all(Array.from({ length: count }, (_, n) => index.put(`a/${n}`, asset(n))))
  await index.close()
  // Opening it once more moves the log into a table.
  await (await openAssetIndex(dir, { durable: false })).close()
}

const filesLike = (dir: string, name: RegExp) =>
  readdirSync(filesOf(dir))
    .filter(file => name.test(file))
    .map(file => join(filesOf(dir), file))

/** Whether an index stores an asset and finds it again. */
const works = async (t: Test, index: AssetIndex) => {
  await index.put('new', asset(7))
  t.same(await index.get('new'), asset(7))
}

t.test('an asset that was put is found, then and in the next run', async t => {
  for (const durable of [false, true]) {
    const dir = t.testdir()
    const index = await openAssetIndex(dir, { durable })
    t.equal(await index.get('a/1'), undefined)
    await index.put('a/1', asset(1))
    t.same(await index.get('a/1'), asset(1))
    await index.close()
    const next = await openAssetIndex(dir, { durable })
    t.same(await next.get('a/1'), asset(1))
    await next.close()
  }
})

t.test('a get sees the put before it, also while that is on its way', async t => {
  const index = await openAssetIndex(t.testdir(), { durable: false })
  const puts = [index.put('a', asset(1))]
  t.same(await index.get('a'), asset(1))
  puts.push(index.put('a', asset(2)))
  t.same(await index.get('a'), asset(2))
  await Promise.all(puts)
  t.same(await index.get('a'), asset(2))
  await index.close()
})

t.test('look-ups of one turn are one read, and puts that arrive meanwhile one write', async t => {
  const { getMany } = ClassicLevel.prototype
  const writes = t.capture(levelWrites, 'write', levelWrites.write)
  const reads = t.capture(ClassicLevel.prototype, 'getMany', getMany)
  const index = await openAssetIndex(t.testdir(), { durable: false })
  const all = Array.from({ length: 100 }, (_, n) => n)
  const first = [index.put('first', asset(0)), index.put('second', asset(0))]
  // Until the first write is under way.
  while (writes().length < 1) await Promise.resolve()
  await Promise.all([...first, ...all.map(n => index.put(`a/${n}`, asset(n)))])
  t.equal(writes().length, 1, 'one more write')
  t.same(await Promise.all(all.map(n => index.get(`a/${n}`))), all.map(asset))
  t.equal(reads().length, 1)
  await index.close()
})

t.test('close lets out what was put', async t => {
  const dir = t.testdir()
  const index = await openAssetIndex(dir, { durable: false })
  const put = index.put('a', asset(1))
  await index.close()
  await put
  const next = await openAssetIndex(dir, { durable: false })
  t.same(await next.get('a'), asset(1))
  await next.close()
})

t.test('a value that is no asset counts as unknown', async t => {
  const dir = t.testdir()
  const values = [
    '',
    '{',
    'null',
    '7',
    '[]',
    '{}',
    JSON.stringify({ ...asset(1), bytes: '1' }),
    JSON.stringify({ ...asset(1), integrity: 1 }),
  ]
  const foreign = new ClassicLevel(filesOf(dir))
  await foreign.batch(values.map((value, n) => ({ type: 'put', key: `a/${n}`, value })))
  await foreign.close()
  const index = await openAssetIndex(dir, { durable: false })
  for (const n of values.keys()) t.equal(await index.get(`a/${n}`), undefined, `${values[n]}`)
  await index.close()
})

t.test('a second run is refused while the first has the index, and let in after it', async t => {
  const dir = t.testdir()
  const index = await openAssetIndex(dir, { durable: false })
  await t.rejects(openAssetIndex(dir, { durable: false }), {
    code: 'ERR_DESTINATION',
    message: `another sluice run is using ${dir}`,
  })
  await index.close()
  await (await openAssetIndex(dir, { durable: false })).close()
})

t.test('a damaged index is opened all the same, whichever of its files is damaged', async t => {
  const damages: [string, (file: string) => void][] = [
    ['emptied', file => truncateSync(file)],
    ['cut', file => truncateSync(file, Math.floor(readFileSync(file).length / 2))],
    ['garbled', file => writeFileSync(file, Buffer.alloc(readFileSync(file).length, 0xa5))],
    ['gone', file => rmSync(file)],
  ]
  for (const [damage, inflict] of damages)
    for (const name of [/^CURRENT$/, /^MANIFEST/, /\.ldb$/, /\.log$/]) {
      const dir = t.testdir()
      await filled(dir, 100)
      const files = filesLike(dir, name)
      t.ok(files.length > 0, `there is a ${name}`)
      for (const file of files) inflict(file)
      const index = await openAssetIndex(dir, { durable: false })
      await index.get('a/1')
      await works(t, index)
      await index.close()
      t.pass(`${name} ${damage}`)
    }
})

t.test('what cannot be read is unknown, and only that', async t => {
  const index = await openAssetIndex(t.testdir(), { durable: false })
  await Promise.all([index.put('a', asset(1)), index.put('b', asset(2))])
  const damaged = Object.assign(new Error('Corruption: bad block contents'), { code: 'LEVEL_CORRUPTION' })
  const { get } = ClassicLevel.prototype
  t.capture(ClassicLevel.prototype, 'getMany', () => Promise.reject(damaged))
  t.capture(ClassicLevel.prototype, 'get', function (this: ClassicLevel, path: string) {
    return path === 'a' ? Promise.reject(damaged) : get.call(this, path, {})
  })
  t.same(await Promise.all([index.get('a'), index.get('b')]), [undefined, asset(2)])
  await index.close()
})

t.test('only a durable index waits for the disk', async t => {
  const writes = t.capture(levelWrites, 'write', levelWrites.write)
  for (const durable of [true, false]) {
    const index = await openAssetIndex(t.testdir(), { durable })
    await index.put('a', asset(1))
    await index.close()
    t.match(writes(), [{ args: [{ sync: durable }] }])
  }
})

t.test('a table that cannot be merged costs the index, not the run nor the next one', async t => {
  const dir = t.testdir()
  await filled(dir, 10)
  const index = await openAssetIndex(dir, { durable: false })
  t.same(await index.get('a/1'), asset(1))
  // What LevelDB answers to every write once a merge has met a damaged table.
  const damaged = Object.assign(new Error('Corruption: bad block contents'), { code: 'LEVEL_CORRUPTION' })
  const { write } = levelWrites
  t.capture(levelWrites, 'write', () => Promise.reject(damaged))
  await index.put('b', asset(2))
  await index.close()
  t.capture(levelWrites, 'write', write)
  const next = await openAssetIndex(dir, { durable: false })
  t.equal(await next.get('a/1'), undefined)
  await works(t, next)
  await next.close()
})

t.test('a disk that takes no more ends the run', async t => {
  const dir = t.testdir()
  const index = await openAssetIndex(dir, { durable: false })
  const full = Object.assign(new Error('IO error: No space left on device'), { code: 'LEVEL_IO_ERROR' })
  t.capture(levelWrites, 'write', () => Promise.reject(full))
  await t.rejects(index.put('a', asset(1)), { code: 'ERR_DESTINATION', scope: 'run' })
  await t.rejects(index.put('b', asset(2)), { code: 'ERR_DESTINATION', scope: 'run' })
  await index.close()
})

t.test('an index that cannot be made is ERR_DESTINATION', async t => {
  const dir = t.testdir({ '.sluice': { index: 'a file' } })
  await t.rejects(openAssetIndex(dir, { durable: false }), { code: 'ERR_DESTINATION', scope: 'run' })
})

t.test('a closed index remembers nothing any more, and says so', async t => {
  const index = await openAssetIndex(t.testdir(), { durable: false })
  await index.close()
  await t.rejects(index.put('a', asset(1)), { code: 'ERR_DESTINATION', message: /is closed/ })
  t.equal(await index.get('a'), undefined)
})
