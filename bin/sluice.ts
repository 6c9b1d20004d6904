#!/usr/bin/env node
import { setFlagsFromString } from 'node:v8'
import { main } from './main.js'

// What streams through is short-lived: V8's nursery of three times 16 MiB would only be missed by a small container.
setFlagsFromString('--max-semi-space-size=2')

const exitCode = await main(process)
// No timer and no socket that is left over holds the end; what was said before has left once this has.
process.stderr.write('', () => process.exit(exitCode))
// Nor does a reader of stderr who has fallen asleep, where a signal ended the run.
if (exitCode > 128) setTimeout(() => process.exit(exitCode), 1_000)
