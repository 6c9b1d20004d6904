import { runTogether } from '../../fixtures/together.js'

await runTogether('bin')
