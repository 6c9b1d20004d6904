import t from 'tap'
import { isAccepted } from '../../lib/http/media-type.js'

t.test('a Content-Type is accepted where one of the media ranges covers it', t => {
  const cases: [accepted: string, type: string | undefined, boolean][] = [
    ['*/*', 'image/png', true],
    ['*/*', undefined, true],
    ['image/*', 'image/png', true],
    ['image/*', 'image/svg+xml; charset=utf-8', true],
    ['image/*', ' IMAGE/PNG ', true],
    ['IMAGE/*', 'image/png', true],
    ['image/*', 'imagery/png', false],
    ['image/*', 'image', false],
    ['image/*', 'text/html', false],
    ['image/*', 'text/html; x=image/png', false],
    ['image/*', undefined, false],
    ['image/*', '', false],
    ['image/png', 'image/png', true],
    ['image/png', 'image/png;q=1', true],
    ['image/png;q=0.5', 'image/png', true],
    ['image/png', 'image/pngx', false],
    ['image/*,video/mp4', 'video/mp4', true],
    ['image/*, video/mp4', 'video/mp4', true],
    ['image/*,video/mp4', 'video/webm', false],
    ['text/html, */*;q=0.1', 'video/webm', true],
    ['image/png,', undefined, false],
    ['image/png,', '', false],
  ]
  for (const [accepted, type, result] of cases)
    t.equal(isAccepted(accepted, type), result, `${accepted}: ${type ?? 'none'}`)
  t.end()
})
