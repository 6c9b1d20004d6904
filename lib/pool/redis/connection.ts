import { once } from 'node:events'
import type { Redis } from 'ioredis'
import { SyncError } from '../../errors.js'
import { redactText } from '../../redact.js'
import type { RedisAddress } from './redis-url.js'

/** A connection that mends itself. Its commands are never queued, and never sent twice. */
export type Connection = {
  /** Resolves with what `command` does with a server that is there, or comes within the timeout; rejects with ERR_POOL. */
  run<Reply>(command: (server: Server) => Promise<Reply>): Promise<Reply>
  /** The same, for as long as `withinMs`, unless what is wrong will not pass by itself. */
  open(withinMs: number): Promise<void>
  close(): void
}

/** A server as it is there now. */
export type Server = {
  readonly redis: Redis
  /** Another one after every start of the server. */
  readonly runId: string
}

export type ConnectionOptions = {
  /** No command waits longer for its reply. */
  readonly timeoutMs: number
  /** Hears of every server that is there anew. */
  readonly greeted?: (server: Server) => void
}

/** Redis has the commands that the ledger needs from here on. */
const leastVersion = [6, 2] as const

/** What no waiting mends: refused credentials, a database or a server that will not do. */
const final = /^(WRONGPASS|NOAUTH|NOPERM|ERR DB index|ERR invalid password|ERR AUTH|ERR Client sent AUTH)/

/** What OpenSSL and Node call certificates that are not taken. */
const untrusted = /CERT|SIGNED|ERR_TLS|ERR_SSL|HOSTNAME/

/** Another server may be the right one by now: a replica, or one that holds other slots. */
const elsewhere = /^(READONLY|MOVED|CLUSTERDOWN|MASTERDOWN)/

/** Connects to the Redis at `address`, from now on and whenever the connection is lost. ioredis is loaded here, for runs that use it. */
export const connect = async (
  address: RedisAddress,
  { timeoutMs, greeted = () => {} }: ConnectionOptions,
): Promise<Connection> => {
  const { Redis } = await import('ioredis')
  const { shown, ...where } = address
  const redis = new Redis({
    ...where,
    protocol: 2,
    commandTimeout: timeoutMs,
    connectTimeout: 2 * timeoutMs,
    // Who does not answer does not answer a goodbye either.
    disconnectTimeout: 100,
    enableOfflineQueue: false,
    enableReadyCheck: false,
    autoResendUnfulfilledCommands: false,
    autoResubscribe: false,
    disableClientInfo: true,
    maxRetriesPerRequest: null,
    keepAlive: 10_000,
    retryStrategy: times => backoffMs(times),
  })
  let server: Server | undefined
  let fault: SyncError | undefined
  let isFinal = false

  const fail = (message: string): SyncError =>
    new SyncError('ERR_POOL', `the pool's Redis at ${shown} failed: ${message}`)
  const note = (error: unknown): SyncError => {
    fault = fail(said(error))
    isFinal = final.test(textOf(error)) || untrusted.test(String((error as NodeJS.ErrnoException).code))
    return fault
  }
  /** This connection is no good any more: from now on, and not only once it has ended. */
  const renew = (): void => {
    server = undefined
    redis.disconnect(true)
  }

  const greet = async (): Promise<void> => {
    try {
      const { version, runId } = factsOf(await redis.info('server'))
      isFinal = isOlder(version)
      if (isFinal) fault = fail(`expected Redis 6.2 or later, got ${redactText(version)}`)
      else {
        server = { redis, runId }
        greeted(server)
      }
    } catch (error) {
      note(error)
      renew()
    }
    redis.emit('known')
  }
  redis.setMaxListeners(0)
  redis.on('connect', () => {
    isFinal = false
  })
  redis.on('ready', () => {
    // A database that does not exist was refused before: this connection is to another one.
    if (isFinal) redis.emit('known')
    else void greet()
  })
  redis.on('close', () => {
    server = undefined
    redis.emit('known')
  })
  redis.on('error', error => {
    note(error)
    // What came over a connection that was good is no RESP.
    if (server) renew()
    redis.emit('known')
  })

  /** The server, or what is in the way of it by then. */
  const reach = async (withinMs: number, isPatient: boolean): Promise<Server> => {
    const signal = AbortSignal.timeout(withinMs)
    while (!server) {
      if (redis.status === 'end') throw fail('the pool is closed')
      if (isFinal && fault && isPatient) throw fault
      try {
        await once(redis, 'known', { signal })
      } catch {
        throw fault ?? fail(`no answer within ${withinMs} ms`)
      }
    }
    return server
  }

  return {
    async open(withinMs) {
      await reach(withinMs, true)
    },
    async run(command) {
      const reached = await reach(timeoutMs, false)
      try {
        return await command(reached)
      } catch (error) {
        const text = textOf(error)
        // A reply that is late may be late for ever, and others wait behind it.
        if (reached === server && (text === 'Command timed out' || elsewhere.test(text))) renew()
        throw error instanceof SyncError ? error : note(error)
      }
    },
    close() {
      redis.disconnect()
      redis.emit('known')
    },
  }
}

/** Many actors lose their connections at once, and do not come back at once. */
const backoffMs = (times: number): number =>
  Math.min(2000, 20 * 2 ** Math.min(times, 7)) * (0.5 + Math.random() / 2)

const textOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))

/** The first line of what went wrong, cut. Never the error itself: ioredis hangs the command on it, password and all. */
const said = (error: unknown): string => {
  const { code } = error as NodeJS.ErrnoException
  const text = textOf(error) || String(code ?? 'the connection failed')
  return redactText(text.split('\n')[0]?.slice(0, 200) ?? '')
}

const factsOf = (info: unknown): { version: string; runId: string } => {
  const text = String(info)
  const version = /^redis_version:(\d+\.\d+[\w.-]{0,20})\r?$/m.exec(text)?.[1]
  const runId = /^run_id:(\w{1,64})\r?$/m.exec(text)?.[1]
  if (version === undefined || runId === undefined) throw new Error('this is not a Redis')
  return { version, runId }
}

const isOlder = (version: string): boolean => {
  const [major = 0, minor = 0] = version.split('.').map(Number)
  return major < leastVersion[0] || (major === leastVersion[0] && minor < leastVersion[1])
}
