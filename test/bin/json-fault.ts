import t from 'tap'
import { jsonFault } from '../../bin/json-fault.js'

/** Where the text in front of the arrow stops being JSON. */
const cases: Record<string, string> = {
  'a token where none may be': '{"a": →x}',
  'a token in a long text': `{"a": "${'-'.repeat(500)}", "b": [1, 2, →}, "c": 3}`,
  'something behind the end': '{"a": 1} →x',
  'a comma that is missing': '{"a": 1 →"b": 2}',
  'a comma too many': '{"a": 1,\n→}',
  'a name without quotes': '{\n  →a: 1\n}',
  'a comment': '{\n  →// why\n  "a": 1\n}',
  'a text that breaks off': '{"a": [1, 2→',
  'a string that breaks off': '{"a": "b→',
  'an escape that is none': '{"a": "\\→x"}',
  'a line break in a string': '{"a": "b→\nc"}',
  'nothing at all': '→',
}

for (const [title, marked] of Object.entries(cases))
  t.test(`${title} is found by line and column`, async t => {
    const [before = '', after = ''] = marked.split('→')
    const text = before + after
    let fault: ReturnType<typeof jsonFault> | undefined
    try {
      JSON.parse(text)
    } catch (error) {
      fault = jsonFault(text, error)
    }
    const lines = before.split('\n')
    t.strictSame(fault, { line: lines.length, column: (lines.at(-1) ?? '').length + 1 })
  })
