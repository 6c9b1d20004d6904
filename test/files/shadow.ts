import { existsSync, statSync } from 'node:fs'
import t from 'tap'
import { makeShadow } from '../../lib/files/shadow.js'

t.test('shadows are for this user alone, and many of them are no leak', async t => {
  const before = process.listenerCount('exit')
  const made = await Promise.all(Array.from({ length: 20 }, makeShadow))
  t.equal(process.listenerCount('exit'), before + 1)
  for (const { shadow, clear } of made) {
    t.equal(statSync(shadow).mode & 0o777, 0o700)
    clear()
    t.notOk(existsSync(shadow))
  }
  t.equal(process.listenerCount('exit'), before)
})
