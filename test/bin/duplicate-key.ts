import t from 'tap'
import { duplicateKey } from '../../bin/duplicate-key.js'

t.test('a key that stands twice in one object is found', async t => {
  const cases: [json: string, key: string | undefined][] = [
    ['{}', undefined],
    ['[1, "a", "a"]', undefined],
    ['{"a": 1, "b": {"a": 2}, "c": [{"a": 3}, {"a": 4}]}', undefined],
    ['{"a": "a", "b": "\\"a\\": {"}', undefined],
    ['{"a": 1, "a": 2}', 'a'],
    ['{"o": {"x": 1}, "p": {"x" : 1, "y": {}, "x":\n2}}', 'x'],
    ['{"a": {"b": {}}, "\\u0061": 2}', 'a'],
    ['{"a\\"": "}", "a\\"": 2}', 'a"'],
  ]
  for (const [json, key] of cases) {
    JSON.parse(json)
    t.equal(duplicateKey(json), key, json)
  }
})
