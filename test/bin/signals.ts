import { EventEmitter } from 'node:events'
import t from 'tap'
import { onSignals } from '../../bin/signals.js'

/** A process that notes with what it was told to exit. */
const fakeProcess = () => {
  const exits: unknown[] = []
  const process = Object.assign(new EventEmitter(), {
    exit: (code: number) => {
      exits.push(code)
    },
  }) as unknown as NodeJS.Process
  const interruption = new AbortController()
  const said: string[] = []
  const listen = () => onSignals(process, { interruption, tell: message => said.push(message) })
  return { process, exits, interruption, said, listen }
}

const statuses = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const

for (const [signal, status] of Object.entries(statuses) as [NodeJS.Signals, number][])
  t.test(
    `the first ${signal} asks the run to end, the second one ends the process with ${status}, both in words`,
    async t => {
      const { process, exits, interruption, said, listen } = fakeProcess()
      t.teardown(listen())
      process.emit(signal, signal)
      t.equal(interruption.signal.reason, signal)
      t.strictSame(exits, [])
      t.match(said, [/^stopping: up to 5 s /])
      process.emit(signal, signal)
      t.strictSame(exits, [status])
      t.match(said.slice(1), [/^stopped at once: /])
    },
  )

t.test('a run that ended for another reason is still not torn down by the first signal', async t => {
  const { process, exits, interruption, listen } = fakeProcess()
  t.teardown(listen())
  interruption.abort(new Error('stdout is full'))
  process.emit('SIGINT', 'SIGINT')
  t.strictSame(exits, [])
})

t.test('once nobody listens, signals are left to Node', async t => {
  const { process, listen } = fakeProcess()
  listen()()
  for (const signal of Object.keys(statuses)) t.equal(process.listenerCount(signal), 0, signal)
})
