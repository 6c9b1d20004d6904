import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'

/** The repository that this was built from: its nearest folder with a package.json. */
export const checkout = (folder = import.meta.dirname): string =>
  existsSync(join(folder, 'package.json')) || folder === dirname(folder) ? folder : checkout(dirname(folder))

/** The command under test and its first arguments: what the repository built, or the file that SLUICE_BIN names. */
export const sluice = (): [command: string, ...args: string[]] => [
  process.execPath,
  process.env['SLUICE_BIN'] ?? join(checkout(), 'dist/bin/sluice.js'),
]
