import t from 'tap'
import { escapeControls } from '../lib/escape.js'

t.test('whatever could steer a terminal or reorder text is shown as its escape', t => {
  const cases: [string, string][] = [
    ['\u001b[31m', '\\u001b[31m'],
    ['a\nb\tc', 'a\\u000ab\\u0009c'],
    ['\u007f\u0085\u009b', '\\u007f\\u0085\\u009b'],
    ['\u061c\u200e\u200f\u202e\u2066\u2069', '\\u061c\\u200e\\u200f\\u202e\\u2066\\u2069'],
    ['\u2028\u2029\ufeff', '\\u2028\\u2029\\ufeff'],
  ]
  for (const [given, shown] of cases) t.equal(escapeControls(given), shown)
  t.end()
})

t.test('letters of any script stay', t => {
  const text = 'Zoë – 日本語 🙂 עברית "\\'
  t.equal(escapeControls(text), text)
  t.end()
})
