import { once } from 'node:events'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import t, { type Test } from 'tap'
import { makeSink } from '../../fixtures/sink.js'
import type { CommitOptions } from '../../lib/files/draft.js'
import { draftWritable } from '../../lib/files/draft-writable.js'

/** A Writable for the file `a`; makeSink sees to it that nothing is left in tmp. */
const make = (t: Test, options: CommitOptions & { size?: number } = {}) => {
  const { sink, folders } = makeSink(t)
  const open = () => sink.open({ path: 'a' }, { urlKey: '', resume: false })
  return { at: join(folders.root, 'a'), writable: draftWritable({ open, ...options }) }
}

t.test('what was piped into it is the file, once it is finished', async t => {
  const { at, writable } = make(t, { size: 6, lastModified: 'Wed, 21 Oct 2015 07:28:00 GMT' })
  writable.write('abc')
  t.notOk(existsSync(at))
  await pipeline(Readable.from(['def']), writable)
  t.equal(readFileSync(at, 'utf8'), 'abcdef')
})

t.test('an empty file is one', async t => {
  const { at, writable } = make(t)
  writable.end()
  await once(writable, 'finish')
  t.equal(readFileSync(at, 'utf8'), '')
})

t.test('destroyed, by itself or by its source, it leaves nothing', async t => {
  const alone = make(t)
  alone.writable.write('abc')
  alone.writable.destroy()
  await once(alone.writable, 'close')
  t.notOk(existsSync(alone.at))
  const piped = make(t)
  const broken = async function* () {
    yield 'abc'
    throw new Error('reset')
  }
  await t.rejects(pipeline(broken, piped.writable), { message: 'reset' })
  t.notOk(existsSync(piped.at))
})

t.test('bytes that are not those demanded fail it', async t => {
  const { at, writable } = make(t, { size: 2 })
  await t.rejects(pipeline(Readable.from(['abc']), writable), { code: 'ERR_BODY_LONG' })
  t.notOk(existsSync(at))
})

t.test('a draft that cannot be opened fails it', async t => {
  const writable = draftWritable({ open: () => Promise.reject(new Error('no place')) })
  await t.rejects(pipeline(Readable.from(['abc']), writable), { message: 'no place' })
})
