import { PassThrough } from 'node:stream'
import type { WriteStream } from 'node:tty'
import t from 'tap'
import { drawProgress, progressLine } from '../../bin/progress.js'
import type { Progress } from '../../lib/index.js'

const early: Progress = {
  entries: 3,
  read: 10,
  stored: 2,
  skipped: { unchanged: 1 },
  failed: {},
  bytesStored: 4096,
  bytesSaved: 0,
  rate: 6.25e6,
  cap: Number.POSITIVE_INFINITY,
  bytesReceived: 5 * 1024 * 1024,
}

const late: Progress = {
  ...early,
  entries: 9_999_999,
  read: 10_000_000,
  stored: 9_000_000,
  skipped: { unchanged: 900_000, duplicate: 99_000 },
  failed: { ERR_NETWORK: 900, ERR_TIMEOUT: 99 },
  cap: 6.25e6,
}

t.test('the line tells what matters, the most important first', async t => {
  t.equal(progressLine(early, 200), '3/10 · 50.0 Mbit/s · 2 stored · 1 skipped · 5.0 MiB')
  t.equal(
    progressLine({ ...early, stored: 0, planned: { assets: 2, bytes: 9, unknownSize: 1 } }, 200),
    '3/10 · 50.0 Mbit/s · 2 planned · 1 skipped · 5.0 MiB',
  )
  t.equal(
    progressLine(late, 200),
    '9999999/10000000 · 50.0 Mbit/s of 50.0 Mbit/s · 999 failed · 9000000 stored · 999000 skipped · 5.0 MiB',
  )
})

t.test('the line never reaches the last column', async t => {
  for (const progress of [early, late])
    for (let columns = 1; columns <= 120; columns++) {
      const line = progressLine(progress, columns)
      t.ok(line.length < columns, `${columns}: ${line}`)
    }

  t.equal(progressLine(early, 40), '3/10 · 50.0 Mbit/s · 2 stored · 5.0 MiB', 'what does not fit is left out')
  t.equal(progressLine(late, 40), '9999999/10000000 · 999 failed · 5.0 MiB')
})

/** A terminal that keeps what is written to it. */
const terminal = (columns: number) => Object.assign(new PassThrough(), { columns }) as unknown as WriteStream

t.test('a line that was drawn makes room, and is gone at the end', async t => {
  const stderr = terminal(0)
  const { clear, stop } = drawProgress(() => early, stderr)
  t.teardown(stop)
  t.equal(
    String(stderr.read()),
    `\r\x1b[K${progressLine(early, 80)}`,
    'a terminal without a width counts as one of 80',
  )
  clear()
  t.equal(String(stderr.read()), '\r\x1b[K')
  clear()
  stop()
  t.equal(stderr.read(), null, 'what is clear is not cleared again')
})
