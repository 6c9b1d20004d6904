#!/usr/bin/env node
import { main } from './main.js'

const exitCode = await main(process)
// No timer and no socket that is left over holds the end; what was said before has left once this has.
process.stderr.write('', () => process.exit(exitCode))
