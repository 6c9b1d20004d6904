import { parseArgs } from 'node:util'
import {
  formatRate,
  formatSize,
  kinds,
  operatePool,
  type PoolOperator,
  type PoolStatus,
  readOption,
  SyncError,
  table,
} from '../lib/index.js'

const verbs = ['status', 'pause', 'resume', 'set'] as const

type PoolVerb = (typeof verbs)[number]

const flags = {
  json: { type: 'boolean' },
  user: { type: 'string' },
  for: { type: 'string' },
  bwlimit: { type: 'string' },
  tpslimit: { type: 'string' },
} as const

/** Which of them each verb knows. */
const flagsOf: Record<PoolVerb, readonly string[]> = {
  status: ['json'],
  pause: ['for', 'user'],
  resume: ['user'],
  set: ['bwlimit', 'tpslimit'],
}

/** What a line of `sluice pool` may have. */
export const poolFlags: readonly string[] = Object.keys(flags)

type Flags = ReturnType<typeof parseArgs<{ options: typeof flags }>>['values']

/**
 * `sluice pool status|pause|resume|set [URL [NAME]]`: what it says, as lines for stdout. Without a URL the pool is that of `SLUICE_POOL` and
 * `SLUICE_POOL_NAME`, as it is for runs. Throws ERR_OPTION for a line that says nothing, ERR_POOL where there is no pool.
 */
export const pool = async (
  words: readonly string[],
  environment: NodeJS.ProcessEnv = {},
): Promise<string> => {
  const { values, positionals } = parse(words)
  const [given, url = environment['SLUICE_POOL'], name = nameIn(environment), ...rest] = positionals
  const verb = verbs.find(verb => verb === given)
  if (!verb) throw expected(`one of ${verbs.join(', ')}`, given)
  if (!url) throw expected('a URL such as redis://host:6379/0', undefined)
  if (rest.length > 0) throw expected('a URL and the name of a pool', rest.join(' '))
  const foreign = Object.keys(values).find(flag => !flagsOf[verb].includes(flag))
  if (foreign !== undefined)
    throw new SyncError('ERR_OPTION', `--${foreign}: not a flag of sluice pool ${verb}`)
  const act = read(verb, values)
  const operator = await operatePool(url, name)
  try {
    return await act(operator)
  } finally {
    await operator.close()
  }
}

const nameIn = ({ SLUICE_POOL_NAME: name }: NodeJS.ProcessEnv): string => name || table.poolName.default

const expected = (what: string, given: string | undefined): SyncError =>
  new SyncError(
    'ERR_OPTION',
    `sluice pool: expected ${what}, got ${given === undefined ? 'nothing' : JSON.stringify(given)}`,
  )

const parse = (words: readonly string[]) => {
  try {
    return parseArgs({ args: [...words], options: flags, allowPositionals: true })
  } catch (error) {
    throw new SyncError('ERR_OPTION', `sluice pool: ${(error as Error).message.split('. ')[0]}`)
  }
}

/** What is to be done, every value checked before anything is. */
const read = (verb: PoolVerb, values: Flags): ((operator: PoolOperator) => Promise<string>) => {
  const { json, user } = values
  const ms = readOption({ kind: kinds.duration }, '--for', values.for ?? '1h')
  const bytesPerSecond =
    values.bwlimit === undefined ? undefined : readOption({ kind: kinds.rate }, '--bwlimit', values.bwlimit)
  const requestsPerSecond =
    values.tpslimit === undefined ? undefined : readOption(table.tpslimit, '--tpslimit', values.tpslimit)
  switch (verb) {
    case 'status':
      return async operator => {
        const status = await operator.status()
        return json ? `${JSON.stringify(status)}\n` : describe(status, operator.title)
      }
    case 'pause':
      return async operator => {
        await operator.pause(ms, user)
        return `${whose(operator.title, user)} is paused until ${new Date(Date.now() + ms).toISOString()}\n`
      }
    case 'resume':
      return async operator => {
        await operator.resume(user)
        return `${whose(operator.title, user)} is resumed\n`
      }
    case 'set':
      return async operator => {
        const isAny = bytesPerSecond !== undefined || requestsPerSecond !== undefined
        const limits = {
          ...(bytesPerSecond !== undefined && { bytesPerSecond }),
          ...(requestsPerSecond !== undefined && { requestsPerSecond }),
        }
        await operator.set(isAny ? limits : undefined)
        return `${operator.title} has ${isAny ? 'these limits' : 'the limits that processes were started with'} from now on\n`
      }
  }
}

/** A pool, or what one user has of it. */
const whose = (title: string, user: string | undefined): string =>
  user === undefined ? title : `user ${user} of ${title}`

/** For people. */
const describe = (status: PoolStatus, title: string): string => {
  const { users, granted, pausedUntil, now, factor, holds, used } = status
  const actors = users.reduce((sum, user) => sum + user.actors, 0)
  const waiting = users.reduce((sum, user) => sum + user.waiting, 0)
  const seconds = (until: number) => `${Math.ceil((until - now) / 1e6)} s more`
  const lines = [
    title,
    `  limits   ${status.set ? 'set by an operator' : (status.agreement ?? 'none yet')}${factor < 1 ? `, at ${Math.round(factor * 100)} % after a push-back` : ''}`,
    `  in use   ${formatRate(granted.bytes)}, ${granted.requests} requests/s`,
    `  actors   ${actors} of ${users.length} users, ${waiting} waiting`,
    ...(pausedUntil > now ? [`  paused   ${seconds(pausedUntil)}`] : []),
    ...holds
      .filter(([, until]) => until > now)
      .map(([origin, until]) => `  held     ${origin}, ${seconds(until)}`),
    ...used.map(
      ({ of, period, amount }) =>
        `  used     ${of === 'bytes' ? formatSize(amount) : `${amount} ${of}`} in ${period}`,
    ),
    ...users.map(
      ({ user, weight, ...each }) =>
        `  user     ${user}: weight ${weight}, ${each.actors} actors, ${each.waiting} waiting${each.pausedUntil > now ? `, paused ${seconds(each.pausedUntil)}` : ''}`,
    ),
  ]
  return `${lines.join('\n')}\n`
}
