import t from 'tap'
import { refuseUnknown } from '../lib/refuse-unknown.js'

t.test('an option that is none is refused, with the one that was meant', t => {
  const names = ['bytesPerSecond', 'clock']
  refuseUnknown({}, names)
  refuseUnknown({ clock: 1, bytesPerSecond: undefined }, names)
  t.throws(() => refuseUnknown({ bytesPerSeconds: 1 }, names), {
    code: 'ERR_OPTION',
    message: 'bytesPerSeconds: no such option; did you mean bytesPerSecond?',
  })
  t.throws(() => refuseUnknown({ x: 1 }, names), { message: 'x: no such option' })
  t.end()
})
