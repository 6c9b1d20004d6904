import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sluice } from '../core/command.js'
import { inTurn } from '../core/in-turn.js'
import { median, spread } from '../core/statistics.js'
import type { Column, Row } from '../core/table.js'
import { timed } from '../core/timed.js'

/** What is waited for: the end of a command, or its first request at `url`. */
export type Start = {
  name: string
  command(url: string, folder: string): string[]
  input?: (url: string) => string
}

/** What is compared. */
export const starts: readonly Start[] = [
  { name: 'node -e 0', command: () => [process.execPath, '-e', '0'] },
  { name: 'sluice --version', command: () => [...sluice(), '--version'] },
  {
    name: 'sluice, first request',
    command: (_, folder) => [...sluice(), '-q', '-o', folder],
    input: url => `${url}\n`,
  },
  {
    name: 'aria2c, first request',
    command: (url, folder) => ['aria2c', '--no-conf', '-q', '-d', folder, url],
  },
  {
    name: 'curl, first request',
    command: (url, folder) => ['curl', '-q', '-s', '-o', join(folder, 'a'), url],
  },
  {
    name: 'wget2, first request',
    command: (url, folder) => ['wget2', '--no-config', '-q', '-P', folder, url],
  },
]

export const startColumns: readonly Column[] = [
  { key: 'what', title: 'from the start of the process to' },
  { key: 'wallMs', title: 'wall', unit: ' ms' },
  { key: 'runs', title: 'runs' },
  { key: 'spreadPercent', title: 'spread', unit: ' %' },
]

/** How long programs take until they ask for something, and Node until it has done nothing. */
export const measureStarts = async (
  starts: readonly Start[],
  runs: number,
  signal: AbortSignal,
): Promise<{ rows: Row[]; raw: Record<string, number[]> }> => {
  let requestedAt = Number.NaN
  const origin = createServer((_, response) => {
    requestedAt = performance.now()
    response.end('asset')
  }).listen(0, '127.0.0.1')
  await once(origin, 'listening')
  const url = `http://127.0.0.1:${(origin.address() as AddressInfo).port}/a.jpg`
  try {
    const measured = await inTurn(starts, runs, async ({ name, command, input }) => {
      const folder = mkdtempSync(join(tmpdir(), 'sluice-start-'))
      try {
        requestedAt = Number.NaN
        const startedAt = performance.now()
        const { wallMs } = await timed(command(url, folder), {
          signal,
          ...(input && { input: [input(url)] }),
        })
        return name.includes('request') ? requestedAt - startedAt : wallMs
      } finally {
        rmSync(folder, { recursive: true, force: true })
      }
    })
    return {
      rows: Array.from(measured, ([{ name: what }, all]) => ({
        what,
        wallMs: median(all),
        runs: all.length,
        ...(all.length > 1 && { spreadPercent: 100 * spread(all) }),
      })),
      raw: Object.fromEntries(Array.from(measured, ([{ name }, all]) => [name, all])),
    }
  } finally {
    origin.closeAllConnections()
    origin.close()
  }
}
