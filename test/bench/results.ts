import t from 'tap'
import type { Machine } from '../../bench/core/machine.js'
import { origin, type Results, withEarlier } from '../../bench/core/results.js'

const machine: Machine = {
  cpu: 'Some CPU',
  cores: 2,
  memory: '4 GiB',
  kernel: '6.1.0',
  node: 'v20.18.1',
  at: '2026-01-02T03:04:05.678Z',
}

const results = (rows: Record<string, number>, more: Partial<Results> = {}): Results => ({
  title: 'A table',
  command: 'npm run bench:x',
  machine,
  versions: { sluice: '0.1.0', curl: '8.0.0' },
  columns: [{ key: 'ms', title: 'wall' }],
  rows: Object.entries(rows).map(([name, ms]) => ({ name, ms })),
  notes: [],
  raw: rows,
  ...more,
})

const names = ['a', 'b', 'c']

t.test('rows that were not measured anew stay, in the order of their names', async t => {
  const { rows, raw } = withEarlier(results({ c: 3, a: 10 }), results({ b: 2, a: 1 }), names)
  t.strictSame(rows, [
    { name: 'a', ms: 10 },
    { name: 'b', ms: 2 },
    { name: 'c', ms: 3 },
  ])
  t.strictSame(raw, { a: 10, b: 2, c: 3 })
})

t.test(
  'rows of another day stay, those of other machines and versions do not, nor those that are no more',
  async t => {
    const now = results({ a: 10 })
    const kept = (earlier: Results | undefined) => withEarlier(now, earlier, names).rows.length
    t.equal(kept(undefined), 1)
    t.equal(kept(results({ b: 2 }, { machine: { ...machine, at: '2025-01-01' } })), 2)
    t.equal(kept(results({ b: 2 }, { machine: { ...machine, cores: 64 } })), 1)
    t.equal(kept(results({ b: 2 }, { versions: { sluice: '0.2.0', curl: '8.0.0' } })), 1)
    t.equal(kept(results({ z: 26 })), 1)
  },
)

t.test('what a table was measured with is one line', async t => {
  t.equal(
    origin(results({})),
    'Some CPU, 2 cores, 4 GiB, Linux 6.1.0, Node 20.18.1; sluice 0.1.0, curl 8.0.0; 2026-01-02',
  )
})
