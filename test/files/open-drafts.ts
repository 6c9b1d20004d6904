import t from 'tap'
import { gate } from '../../fixtures/gate.js'
import { memorySink } from '../../fixtures/memory-sink.js'
import { digests } from '../../lib/files/digests.js'
import type { DraftOptions } from '../../lib/files/draft.js'
import { draftUpload } from '../../lib/files/draft-upload.js'
import { openDrafts } from '../../lib/files/open-drafts.js'

const never = new AbortController().signal

const make = () => {
  const sink = memorySink()
  const drafts = openDrafts()
  const begin = async (): Promise<DraftOptions> => ({
    digest: 'none',
    growth: draftUpload({
      create: () => sink.create('a', { signal: never }),
      aborted: never,
      newDigests: () => digests(new Set()),
    }),
  })
  return { sink, begin, ...drafts }
}

t.test('drafts are under way until they are committed, gone or could not begin', async t => {
  const { begin, open, underWay, idle } = make()
  await idle()
  const [one, two] = await Promise.all([open(begin), open(begin)])
  const failing = open(() => Promise.reject(new Error('no place')))
  t.equal(underWay(), 3)
  await t.rejects(failing, { message: 'no place' })
  t.equal(underWay(), 2)
  let isIdle = false
  const waiting = idle().then(() => {
    isIdle = true
  })
  await one.commit()
  t.notOk(isIdle)
  await two.abandon({ keep: false })
  await waiting
  t.equal(underWay(), 0)
})

t.test('closing ends those that are open or about to open, and none begins any more', async t => {
  const { sink, begin, open, underWay, close } = make()
  const ready = gate()
  const draft = await open(begin)
  draft.write('half')
  const late = open(async () => {
    await ready.promise
    return begin()
  })
  const closing = close()
  const closed = { code: 'ERR_DESTINATION', message: 'the sink is closed' }
  await t.rejects(open(begin), closed)
  ready.open()
  await closing
  t.equal(underWay(), 0)
  for (const ended of [draft, await late]) await t.rejects(ended.commit(), closed)
  t.strictSame(sink.log, ['create', 'write', 'discard'])
})
