import t from 'tap'
import { terminalOf } from '../../bin/terminal.js'

t.test('colours are for terminals that have them, where nobody asked for none', async t => {
  const red = '\x1b[31mx\x1b[39m'
  const cases: [isTTY: boolean | undefined, env: NodeJS.ProcessEnv, canRedraw: boolean, painted: string][] = [
    [true, {}, true, red],
    [true, { TERM: 'xterm', NO_COLOR: '' }, true, red],
    [true, { TERM: 'xterm', NO_COLOR: '1' }, true, 'x'],
    [true, { TERM: 'dumb' }, false, 'x'],
    [undefined, { TERM: 'xterm' }, false, 'x'],
    [false, {}, false, 'x'],
  ]
  for (const [isTTY, env, canRedraw, painted] of cases) {
    const terminal = terminalOf({ isTTY, columns: 0 } as NodeJS.WriteStream, env)
    t.equal(terminal.isTTY, isTTY === true)
    t.equal(terminal.canRedraw, canRedraw, JSON.stringify(env))
    t.equal(terminal.paint('red', 'x'), painted, JSON.stringify(env))
  }
})

t.test('the width is that of the moment, and 80 where a terminal does not know its own', async t => {
  const stream = { isTTY: true, columns: 0 }
  const { columns } = terminalOf(stream as NodeJS.WriteStream, {})
  t.equal(columns(), 80)
  stream.columns = 40
  t.equal(columns(), 40)
})
