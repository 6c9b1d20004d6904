import t from 'tap'
import { withoutContinue } from '../../lib/http/interim.js'

const ok = 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello'
const interim = 'HTTP/1.1 100 Continue\r\nA: b\r\n\r\n'

/** What passes of a text that comes in pieces of `size`. */
const passed = (text: string, size: number): string => {
  const filter = withoutContinue()
  let all = ''
  for (let at = 0; at < text.length; at += size)
    all += filter(Buffer.from(text.slice(at, at + size)))?.toString() ?? ''
  return all
}

t.test('an unasked 100 is taken away, however it is cut, and nothing else is', t => {
  const cases: [string, string, string][] = [
    ['none', ok, ok],
    ['one', interim + ok, ok],
    ['several', interim.repeat(3) + ok, ok],
    ['one in a body', ok + interim, ok + interim],
    ['another status', ok.replace('200 OK', '103 Early'), ok.replace('200 OK', '103 Early')],
    ['what is no response', 'HTTP/1.1 1', ''],
    ['what is something else', 'SSH-2.0', 'SSH-2.0'],
    [
      'one that never ends',
      interim.slice(0, 20) + 'x'.repeat(20_000),
      interim.slice(0, 20) + 'x'.repeat(20_000),
    ],
  ]
  for (const [name, text, expected] of cases)
    for (const size of [1, 2, 5, 12, 100_000])
      t.equal(passed(text, size), expected, `${name}, in pieces of ${size}`)
  t.end()
})
