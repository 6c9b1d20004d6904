import { closeSync, mkdirSync, openSync, writeFileSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { type Summary, SyncError } from '../lib/index.js'

export type SummaryFile = {
  /** Writes the summary and closes the file; gives an ERR_DESTINATION where that fails. */
  write(summary: Summary): SyncError | undefined
}

/** Opens `file`, which may lie in a directory `out` that the run will create, so that one which cannot be written is refused (ERR_OPTION) before the run and not after it. */
export const openSummaryFile = (file: string, { out }: { out?: string } = {}): SummaryFile => {
  const fd = open(file, out)
  return {
    write(summary) {
      try {
        writeFileSync(fd, `${JSON.stringify({ ...summary, resumeAt: summary.resumeAt ?? null }, null, 2)}\n`)
        closeSync(fd)
        return undefined
      } catch (error) {
        return new SyncError('ERR_DESTINATION', `--summary: ${(error as Error).message}`, { cause: error })
      }
    },
  }
}

const open = (file: string, out: string | undefined): number => {
  if (file === '-')
    throw new SyncError(
      'ERR_OPTION',
      '--summary: expected a file, got "-"; stdout carries outcomes and nothing else',
    )
  try {
    // The run would create DIR just after this.
    if (out !== undefined && resolve(dirname(file)) === resolve(out)) mkdirSync(out, { recursive: true })
    return openSync(file, 'w')
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    throw new SyncError(
      'ERR_OPTION',
      `--summary: expected a file that can be written, got ${JSON.stringify(file)} (${code})`,
      {
        cause: error,
      },
    )
  }
}
