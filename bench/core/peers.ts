import { spawnSync } from 'node:child_process'
import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'
import { versions } from './machine.js'
import { refusal } from './refuse.js'

/** The Debian package of each program. */
const packages: Readonly<Record<string, string>> = {
  aria2c: 'aria2',
  curl: 'curl',
  ip: 'iproute2',
  nginx: 'nginx-light',
  openssl: 'openssl',
  'redis-server': 'redis-server',
  tc: 'iproute2',
  time: 'time',
  wget2: 'wget2',
}

/** Installs those of `programs` that are missing, and tells the version of each; refuses where it may not. */
export const ensurePeers = async (programs: readonly string[]): Promise<Record<string, string>> => {
  const missing = programs.filter(program => !isInstalled(program))
  if (missing.length > 0) install([...new Set(missing.map(program => packages[program] ?? program))])
  const still = programs.filter(program => !isInstalled(program))
  if (still.length > 0) throw refusal(`${still.join(', ')} cannot be had: install it by hand`)
  return versions(['sluice', ...programs.filter(program => program !== 'time')])
}

const install = (names: readonly string[]): void => {
  if (process.getuid?.() !== 0 || !isInstalled('apt-get'))
    throw refusal(`${names.join(', ')} is missing, and only root on Debian can have it installed here`)
  process.stderr.write(`installing ${names.join(', ')}\n`)
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  const run = (...args: string[]) => spawnSync('apt-get', args, { env, stdio: 'ignore' })
  run('update')
  run('install', '-y', '--no-install-recommends', ...names)
}

/** Daemons are where only root looks for commands. */
const isInstalled = (program: string): boolean =>
  [...(process.env['PATH'] ?? '').split(delimiter), '/usr/sbin', '/sbin'].some(folder => {
    try {
      accessSync(join(folder, program), constants.X_OK)
      return true
    } catch {
      return false
    }
  })
