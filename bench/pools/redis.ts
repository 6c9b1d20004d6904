import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { Redis } from 'ioredis'
import { freePort } from '../core/free-port.js'

/** What a server has done since it was last forgotten. */
export type RedisCost = {
  cpuMs: number
  /** Scripts that clients called. */
  calls: number
  publishes: number
  /** 99 of 100 calls took no longer, inside; milliseconds. */
  p99: number
  bytes: number
}

/** A redis-server of our own, on loopback. */
export type RedisServer = {
  readonly port: number
  readonly admin: Redis
  /** Forgets everything, also what it has cost. */
  clear(): Promise<void>
  cost(): Promise<RedisCost>
  /** Ends it by SHUTDOWN or kill -9, and starts it again after `ms`, with what it knew or with nothing. */
  restart(options: { how: 'shutdown' | 'kill'; isKept?: boolean; ms: number }): Promise<void>
  close(): Promise<void>
}

/** Starts one that writes nothing to disk but when it is told to; `folder` is where. */
export const startRedis = async (folder: string): Promise<RedisServer> => {
  const port = await freePort()
  const place = mkdtempSync(join(folder, 'redis-'))
  const listening = `--port ${port} --bind 127.0.0.1 --dir ${place}`.split(' ')
  const args = [...listening, '--save', '', '--appendonly', 'no']
  const [command = '', ...rest] = ['setpriv', '--pdeathsig', 'KILL', 'redis-server', ...args]
  const start = async (): Promise<ChildProcess> => {
    const child = spawn(command, rest, { stdio: ['ignore', 'pipe', 'ignore'], detached: true })
    const ended = once(child, 'exit').then(() => Promise.reject(new Error('redis-server does not start')))
    for (let said = ''; !said.includes('Ready to accept'); )
      said += String((await Promise.race([once(child.stdout, 'data'), ended]))[0])
    ended.catch(() => {})
    child.stdout.resume()
    return child
  }
  let child = await start()
  const admin = new Redis(port, '127.0.0.1', { retryStrategy: () => 50, maxRetriesPerRequest: null })
  admin.on('error', () => {})

  return {
    port,
    admin,
    async clear() {
      await admin.flushall()
      await admin.config('RESETSTAT')
    },
    cost: async () => costIn(await admin.info('everything')),
    async restart({ how, isKept = false, ms }) {
      // No command that ends it: a client sends one that was not answered again, to the next one.
      await admin.config('SET', 'shutdown-on-sigterm', isKept ? 'save' : 'nosave')
      const gone = once(child, 'exit')
      child.kill(how === 'kill' ? 'SIGKILL' : 'SIGTERM')
      await gone
      await new Promise(resolve => setTimeout(resolve, ms))
      child = await start()
      rmSync(join(place, 'dump.rdb'), { force: true })
    },
    async close() {
      admin.disconnect()
      child.kill('SIGKILL')
      rmSync(place, { recursive: true, force: true })
    },
  }
}

const costIn = (info: string): RedisCost => {
  const found = (pattern: RegExp): number => Number(pattern.exec(info)?.[1] ?? 0)
  const callsOf = (command: string): number => found(new RegExp(`cmdstat_${command}:calls=(\\d+)`))
  const p99s = ['evalsha', 'eval', 'fcall'].map(command =>
    found(new RegExp(`latency_percentiles_usec_${command}:.*p99=([\\d.]+)`)),
  )
  return {
    cpuMs: 1000 * (found(/used_cpu_sys:([\d.]+)/) + found(/used_cpu_user:([\d.]+)/)),
    calls: callsOf('evalsha') + callsOf('eval') + callsOf('fcall'),
    publishes: callsOf('publish'),
    p99: Math.max(...p99s) / 1000,
    bytes: found(/used_memory:(\d+)/),
  }
}
