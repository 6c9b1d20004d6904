import t from 'tap'
import { mergeHeaders, withoutHeaders } from '../../bin/merge-headers.js'

t.test('headers of several layers are those of one, by name, and a later one wins', async t => {
  const cases: [layers: unknown[], merged: unknown][] = [
    [[], undefined],
    [[undefined, undefined], undefined],
    [[undefined, ['A: 1']], ['A: 1']],
    [[{ A: '1', b: '2' }, 'B: 3'], { A: '1', B: '3' }],
    [[{ A: '1' }, ['C: 4'], ['a: 5', 'D: 6']], { C: '4', a: '5', D: '6' }],
    [[{ A: '1' }, 'no colon'], 'no colon'],
  ]
  for (const [layers, merged] of cases) t.strictSame(mergeHeaders(...layers), merged, JSON.stringify(layers))
})

t.test('headers are taken away by name', async t => {
  t.strictSame(withoutHeaders({ A: '1', 'X-B': '2' }, ['x-b: 3']), { A: '1' })
  t.strictSame(withoutHeaders({ A: '1' }, undefined), { A: '1' })
})
