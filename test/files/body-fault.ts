import t from 'tap'
import { bodyFault } from '../../lib/files/body-fault.js'

t.test('a body is at fault where it is longer than demanded, or another', t => {
  const integrity = { algorithm: 'md5', base64: 'good' } as const
  const cases: [code: string | undefined, given: Partial<Parameters<typeof bodyFault>[0]>][] = [
    [undefined, {}],
    [undefined, { size: 3 }],
    [undefined, { size: 4 }],
    [undefined, { integrity, digest: () => 'good' }],
    ['ERR_BODY_LONG', { size: 2 }],
    ['ERR_INTEGRITY', { integrity }],
  ]
  for (const [code, given] of cases) {
    const fault = bodyFault({
      bytes: 3,
      size: undefined,
      integrity: undefined,
      digest: () => 'bad',
      ...given,
    })
    t.equal(fault?.code, code)
  }
  t.match(bodyFault({ bytes: 3, size: undefined, integrity, digest: () => 'bad' }), {
    message: 'expected md5-good, got md5-bad',
    once: true,
  })
  t.end()
})
