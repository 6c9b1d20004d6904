import t from 'tap'
import { SyncError } from '../../lib/errors.js'
import { blocked, diskError, escapes, taken, tooLong, workspaceError } from '../../lib/files/disk-error.js'

const errno = (code: string) =>
  Object.assign(new Error(`${code}: /secret/place`), { code, syscall: 'rename' })

t.test('every refusal of the disk has a code, a scope and a sentence with the relative path', async t => {
  const cases = [
    ['ENOTDIR', 'ERR_PATH_TAKEN', 'entry', /a file stands where a\/b needs a directory/],
    ['EISDIR', 'ERR_PATH_TAKEN', 'entry', /a directory stands at a\/b/],
    ['ENOTEMPTY', 'ERR_PATH_TAKEN', 'entry', /a directory stands at a\/b/],
    ['EEXIST', 'ERR_PATH_TAKEN', 'entry', /a directory stands at a\/b/],
    ['ENAMETOOLONG', 'ERR_PATH_INVALID', 'entry', /too long/],
    ['ELOOP', 'ERR_PATH_ESCAPE', 'entry', /a symbolic link on the way to a\/b/],
    ['EACCES', 'ERR_DESTINATION', 'entry', /permission denied for a\/b/],
    ['EPERM', 'ERR_DESTINATION', 'entry', /permission denied for a\/b/],
    ['ENOSPC', 'ERR_DESTINATION', 'run', /full/],
    ['EDQUOT', 'ERR_DESTINATION', 'run', /quota/],
    ['EROFS', 'ERR_DESTINATION', 'run', /read-only/],
    ['EIO', 'ERR_DESTINATION', 'run', /I\/O/],
    ['EMFILE', 'ERR_DESTINATION', 'attempt', /too many open files/],
    ['EXDEV', 'ERR_DESTINATION', 'entry', /refused rename/],
  ] as const
  for (const [errnoCode, code, scope, message] of cases) {
    const cause = errno(errnoCode)
    const error = diskError(cause, 'a/b')
    t.match(error, { code, scope, message, cause }, errnoCode)
    t.notMatch(error.message, /secret/)
  }
})

t.test('where the whole root denies, the run ends', async t => {
  t.match(diskError(errno('EACCES'), 'a', 'run'), { code: 'ERR_DESTINATION', scope: 'run' })
  t.match(diskError(errno('EISDIR'), 'a', 'run'), { code: 'ERR_PATH_TAKEN', scope: 'entry' })
})

t.test('in the workspace everything but a lack of descriptors ends the run', async t => {
  for (const code of ['EACCES', 'EPERM', 'ENOENT', 'ENOTDIR', 'ENOSPC'])
    t.match(workspaceError(errno(code)), { code: 'ERR_DESTINATION', scope: 'run' }, code)
  t.match(workspaceError(errno('EMFILE')), { code: 'ERR_DESTINATION', scope: 'attempt' })
})

t.test('an error that is ours already stays as it is', async t => {
  const error = new SyncError('ERR_BODY_SHORT', 'short')
  t.equal(diskError(error, 'a'), error)
  t.equal(workspaceError(error), error)
})

t.test('what was found without an errno has the same codes', async t => {
  t.match(taken('a'), { code: 'ERR_PATH_TAKEN' })
  t.match(blocked('a'), { code: 'ERR_PATH_TAKEN' })
  t.match(escapes('a'), { code: 'ERR_PATH_ESCAPE' })
  t.match(tooLong('a'.repeat(5000)), { code: 'ERR_PATH_INVALID', message: /^.{0,150}$/ })
})
