#!/usr/bin/env node
import { setFlagsFromString } from 'node:v8'
import { main } from './main.js'

// What streams through is short-lived: V8's nursery of three times 16 MiB would only be missed by a small container.
setFlagsFromString('--max-semi-space-size=2')
// undici's parser is one function of WebAssembly so large that to optimize it takes half a second of another core, for which the end of a
// short run would wait as well: not before some thousand responses. Lines of Node that are not known yet may have no such flag.
if (Number.parseInt(process.versions.node, 10) <= 26) setFlagsFromString('--wasm-tiering-budget=2000000000')

const exitCode = await main(process)
// No timer and no socket that is left over holds the end; what was said before has left once this has.
process.stderr.write('', () => process.exit(exitCode))
// Nor does a reader of stderr who has fallen asleep, where a signal ended the run.
if (exitCode > 128) setTimeout(() => process.exit(exitCode), 1_000)
