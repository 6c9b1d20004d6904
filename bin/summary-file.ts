import {
  closeSync,
  constants,
  fstatSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  type Stats,
  statSync,
  writeFileSync,
} from 'node:fs'
import { dirname, resolve } from 'node:path'
import { type Summary, SyncError } from '../lib/index.js'

export type SummaryFile = {
  /** Writes the summary and closes the file; gives an ERR_DESTINATION where that fails. */
  write(summary: Summary): SyncError | undefined
}

export type SummaryFileOptions = {
  /** A directory that the run will create, in which the file may lie. */
  out?: string
  /** Files that the run reads or writes, by name or number: the summary would take their place. */
  inUse?: readonly (string | number)[]
}

/** Opens `file`, so that one which cannot be written, or should not be, is refused (ERR_OPTION) before the run and not after it; what it holds stays until then. */
export const openSummaryFile = (file: string, { out, inUse = [] }: SummaryFileOptions = {}): SummaryFile => {
  const fd = open(file, { out, inUse })
  return {
    write(summary) {
      try {
        if (fstatSync(fd).isFile()) ftruncateSync(fd)
        writeFileSync(fd, `${JSON.stringify(toRecord(summary), null, 2)}\n`)
        closeSync(fd)
        return undefined
      } catch (error) {
        return new SyncError('ERR_DESTINATION', `--summary: ${(error as Error).message}`, { cause: error })
      }
    },
  }
}

/** The summary as it is written: every field is there. */
export const toRecord = (summary: Summary): object => ({ ...summary, resumeAt: summary.resumeAt ?? null })

const open = (
  file: string,
  { out, inUse }: { out: string | undefined; inUse: readonly (string | number)[] },
): number => {
  if (file === '-') throw refused('a file, got "-"; stdout carries outcomes and nothing else')
  if (out !== undefined && resolve(file) === resolve(out))
    throw refused(`a file, got ${JSON.stringify(file)}, which is the directory of --out`)
  try {
    // The run would create DIR just after this.
    if (out !== undefined && resolve(dirname(file)) === resolve(out)) mkdirSync(out, { recursive: true })
    const fd = openSync(file, constants.O_WRONLY | constants.O_CREAT)
    if (!inUse.some(other => isSameFile(fd, other))) return fd
    closeSync(fd)
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    throw refused(`a file that can be written, got ${JSON.stringify(file)} (${code})`, error)
  }
  throw refused(`a file of its own, got ${JSON.stringify(file)}, which the run reads or writes`)
}

const isSameFile = (fd: number, other: string | number): boolean => {
  const [one, two] = [fstatSync(fd), statOf(other)]
  return one.isFile() && one.dev === two?.dev && one.ino === two.ino
}

const statOf = (file: string | number): Stats | undefined => {
  try {
    return typeof file === 'number' ? fstatSync(file) : statSync(file)
  } catch {
    return undefined
  }
}

const refused = (expected: string, cause?: unknown): SyncError =>
  new SyncError('ERR_OPTION', `--summary: expected ${expected}`, { cause })
