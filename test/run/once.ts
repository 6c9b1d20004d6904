import t from 'tap'
import { once } from '../../lib/run/once.js'

const numbers = async function* () {
  yield [1, 2]
  yield []
  yield [3]
}

t.test('one loop gets everything, a second one is refused', async t => {
  const items = once(numbers(), {
    unbegun: () => t.fail('it was begun'),
    leave: () => t.fail('nobody waits'),
  })
  const taken: number[] = []
  for await (const item of items) taken.push(item)
  t.strictSame(taken, [1, 2, 3])
  t.throws(() => items[Symbol.asyncIterator](), {
    code: 'ERR_OPTION',
    message: 'run: expected one loop over its outcomes, got a second one',
  })
})

t.test('a loop that is left is over', async t => {
  const items = once(numbers(), {
    unbegun: () => t.fail('it was begun'),
    leave: () => t.fail('nobody waits'),
  })
  const iterator = items[Symbol.asyncIterator]()
  await iterator.next()
  await iterator.return?.()
  t.match(await iterator.next(), { done: true })
})

t.test('who leaves before the beginning is told of, once', async t => {
  let unbegun = 0
  const iterator = once(numbers(), { unbegun: () => unbegun++, leave() {} })[Symbol.asyncIterator]()
  await iterator.return?.()
  await iterator.return?.()
  t.equal(unbegun, 1)
  t.match(await iterator.next(), { done: true })
})

t.test('who leaves while the next item is waited for does not wait for it', async t => {
  let end = () => {}
  const silent = async function* () {
    yield [1]
    await new Promise<void>(resolve => {
      end = resolve
    })
  }
  const iterator = once(silent(), { unbegun: () => t.fail('it was begun'), leave: () => end() })[
    Symbol.asyncIterator
  ]()
  await iterator.next()
  const next = iterator.next()
  t.match(await iterator.return?.(), { done: true })
  t.match(await next, { done: true })
})

t.test('items that are asked for all at once come in their order', async t => {
  const iterator = once(numbers(), { unbegun() {}, leave() {} })[Symbol.asyncIterator]()
  const results = await Promise.all(Array.from({ length: 5 }, () => iterator.next()))
  t.strictSame(
    results.map(({ value }) => value),
    [1, 2, 3, undefined, undefined],
  )
})

t.test('what goes wrong is thrown after all that came before it', async t => {
  const failing = async function* () {
    yield [1, 2]
    throw new Error('broken')
  }
  const taken: number[] = []
  const loop = async () => {
    for await (const item of once(failing(), { unbegun() {}, leave() {} })) taken.push(item)
  }
  await t.rejects(loop(), { message: 'broken' })
  t.strictSame(taken, [1, 2])
})

t.test('who leaves while a group is awaited gets the first of it, and nothing after the end', async t => {
  const iterator = once(numbers(), { unbegun() {}, leave() {} })[Symbol.asyncIterator]()
  const next = iterator.next()
  await iterator.return?.()
  t.match(await next, { done: false, value: 1 })
  t.match(await iterator.next(), { done: true })
})
