import fs from 'node:fs'
import { join } from 'node:path'
import t from 'tap'

const chunks = ['ab', '', 'cde', 'f'].map(text => Buffer.from(text))

/** node:fs, but every write takes two bytes at most. */
const grudging = {
  ...fs,
  writev: (
    fd: number,
    buffers: Buffer[],
    at: number,
    done: (error: Error | null, bytesWritten: number) => void,
  ) => fs.write(fd, first(buffers), 0, null, at, done),
  writeSync: (fd: number, chunk: Buffer, offset: number, length: number, at: number) =>
    fs.writeSync(fd, chunk, offset, Math.min(2, length), at),
}
const first = (buffers: Buffer[]) => Buffer.concat(buffers).subarray(0, 2)

for (const [title, mocked] of [
  ['every byte is written at its position', fs],
  ['a short write is gone on with', grudging],
] as const)
  t.test(title, async t => {
    const { promisify } = await import('node:util')
    const writev = Object.assign(mocked.writev, {
      [promisify.custom]: (fd: number, buffers: Buffer[], at: number) =>
        new Promise((resolve, reject) =>
          mocked.writev(fd, buffers, at, (error, bytesWritten) =>
            error ? reject(error) : resolve({ bytesWritten }),
          ),
        ),
    })
    const { writeAll, writeAllNow } = await t.mockImport<typeof import('../../lib/files/write-all.js')>(
      '../../lib/files/write-all.js',
      { 'node:fs': { ...mocked, writev } },
    )
    const file = join(t.testdir(), 'file')
    const fd = fs.openSync(file, 'w+')
    t.teardown(() => fs.closeSync(fd))
    await writeAll(fd, chunks, 0)
    writeAllNow(fd, chunks, 6)
    t.equal(fs.readFileSync(file, 'utf8'), 'abcdefabcdef')
    await writeAll(fd, [Buffer.alloc(0)], 0)
    writeAllNow(fd, [], 0)
    t.equal(fs.fstatSync(fd).size, 12, 'nothing to write ends at once')
  })
