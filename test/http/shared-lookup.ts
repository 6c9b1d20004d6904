import { once } from 'node:events'
import { connect } from 'node:net'
import t from 'tap'
import type { LookupFunction } from '../../lib/http/address-guard.js'
import { sharedLookup } from '../../lib/http/shared-lookup.js'

type Ask = { hostname: string; answer: Parameters<LookupFunction>[2] }

/** A resolver that answers when it is told to. */
const open = () => {
  const asked: Ask[] = []
  const lookup = sharedLookup((hostname, _options, answer) => void asked.push({ hostname, answer }))
  const ask = (hostname: string, options: object = { all: true }) =>
    new Promise<unknown[]>(resolve => lookup(hostname, options, (...answer) => resolve(answer)))
  return { asked, ask }
}

const found = [{ address: '8.8.8.8', family: 4 }]

t.test('who asks for a name while it is looked up gets the same answer', async t => {
  const { asked, ask } = open()
  const answers = [ask('a.test'), ask('a.test'), ask('a.test')]
  t.equal(asked.length, 1)
  asked[0]?.answer(null, found)
  t.strictSame(await Promise.all(answers), Array(3).fill([null, found]))
})

t.test('who asks later has it looked up anew, also after a failure', async t => {
  const { asked, ask } = open()
  const failure = Object.assign(new Error('for now'), { code: 'EAI_AGAIN' })
  const first = ask('a.test')
  asked[0]?.answer(failure, [])
  t.strictSame(await first, [failure, []])
  const second = ask('a.test')
  asked[1]?.answer(null, found)
  t.strictSame(await second, [null, found])
})

t.test('other names, and other ways to ask, are looked up by themselves', async t => {
  const { asked, ask } = open()
  void ask('a.test')
  void ask('b.test')
  void ask('a.test', { all: true, family: 6 })
  t.strictSame(
    asked.map(({ hostname }) => hostname),
    ['a.test', 'b.test', 'a.test'],
  )
})

t.test('it resolves as the system does', async t => {
  const socket = connect({ host: 'localhost', port: 1, lookup: sharedLookup() })
  const [error] = await once(socket, 'error')
  t.match(error, { code: 'ECONNREFUSED' })
})
