import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'

/** The repository that this was built from: its nearest folder with a package.json. */
export const checkout = (folder = import.meta.dirname): string =>
  existsSync(join(folder, 'package.json')) || folder === dirname(folder) ? folder : checkout(dirname(folder))

/**
 * The command under test and its first arguments: what the repository built, or the file that BENCH_SLUICE names. That is no
 * SLUICE_ variable, as the command refuses those that it does not know.
 */
export const sluice = (): [command: string, ...args: string[]] => [
  process.execPath,
  process.env['BENCH_SLUICE'] ?? join(checkout(), 'dist/bin/sluice.js'),
]
