import { type Scope, SyncError } from '../errors.js'
import { wrap } from '../wrap.js'

/** What the file system refused at `path`, as one of ours; `denied` is how much a lack of permission takes down there. */
export const diskError = (error: unknown, path: string, denied: Scope = 'entry'): SyncError => {
  if (error instanceof SyncError) return error
  const { code = '' } = error as NodeJS.ErrnoException
  const cause = { cause: error }
  if (code === 'ENOTDIR') return blocked(path, cause)
  if (code === 'EISDIR' || code === 'ENOTEMPTY' || code === 'EEXIST') return taken(path, cause)
  if (code === 'ENAMETOOLONG') return tooLong(path, cause)
  if (code === 'ELOOP') return escapes(path, cause)
  if (code === 'EACCES' || code === 'EPERM')
    return new SyncError('ERR_DESTINATION', `permission denied for ${path} (${code})`, {
      ...cause,
      scope: denied,
    })
  return wrap(error)
}

/** What went wrong inside the workspace, where anything but a passing lack of descriptors ends the run. */
export const workspaceError = (error: unknown): SyncError => {
  const wrapped = wrap(error)
  return wrapped.scope === 'entry'
    ? new SyncError(wrapped.code, `the workspace cannot be used: ${wrapped.message}`, {
        cause: error,
        scope: 'run',
      })
    : wrapped
}

/** ERR_PATH_TAKEN for a directory where the file `path` must go. */
export const taken = (path: string, facts: { cause?: unknown } = {}): SyncError =>
  new SyncError('ERR_PATH_TAKEN', `a directory stands at ${path}`, facts)

/** ERR_PATH_TAKEN for a file where `path` needs a directory. */
export const blocked = (path: string, facts: { cause?: unknown } = {}): SyncError =>
  new SyncError('ERR_PATH_TAKEN', `a file stands where ${path} needs a directory`, facts)

/** ERR_PATH_ESCAPE for a symbolic link on the way to `path` that is not known to stay inside the root. */
export const escapes = (path: string, facts: { cause?: unknown } = {}): SyncError =>
  new SyncError('ERR_PATH_ESCAPE', `a symbolic link on the way to ${path} leaves the output directory`, facts)

/** ERR_PATH_INVALID for a path, or a part of it, that is longer than the file system takes. */
export const tooLong = (path: string, facts: { cause?: unknown } = {}): SyncError =>
  new SyncError('ERR_PATH_INVALID', `the path ${path.slice(0, 100)}… is too long`, facts)

/** ERR_DESTINATION for what is asked of a sink after its end. */
export const sinkClosed = (): SyncError => new SyncError('ERR_DESTINATION', 'the sink is closed')
