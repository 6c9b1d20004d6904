import { sluice } from '../core/command.js'
import type { Lists } from './lists.js'

/** What is to be fetched, and where to: the command runs there. */
export type Task = {
  lists: Lists
  folder: string
  /** The certificate to trust; every program checks it. */
  certificate?: string | undefined
}

type Command = { command: string[]; env?: NodeJS.ProcessEnv }

/** One program, or one way to use it. */
export type Contestant = {
  name: string
  fetch(task: Task): Command
  /** The same once more over what is stored, where only what changed is to be fetched. */
  again?(task: Task): Command
}

/** All of them, as their users would call them for 50 at once, without what a file of their own might ask for. */
export const contestants: readonly Contestant[] = [
  {
    name: 'sluice',
    fetch: task => sync(task, '--digest', 'none'),
    again: task => sync(task, '--digest', 'none'),
  },
  { name: 'sluice, sha256', fetch: task => sync(task) },
  {
    name: 'curl -Z',
    fetch: ({ lists, certificate }) => curl(lists.curl, certificate),
    again: ({ lists, certificate }) => curl(lists.curlAgain, certificate),
  },
  {
    name: 'aria2c',
    fetch: task => aria2c(task),
    again: task => aria2c(task, '--conditional-get=true', '--allow-overwrite=true'),
  },
  { name: 'wget2', fetch: task => wget2(task), again: task => wget2(task, '-N') },
]

const sync = ({ lists, folder, certificate }: Task, ...more: string[]): Command => ({
  command: [...sluice(), '-q', '-o', folder, '-j', '50', '--per-origin', '50', ...more, lists.sluice],
  ...(certificate && { env: { NODE_EXTRA_CA_CERTS: certificate } }),
})

const curl = (list: string, certificate: string | undefined): Command => ({
  command: [
    'curl',
    '-q',
    '-s',
    '--no-progress-meter',
    '-Z',
    '--parallel-max',
    '50',
    '--create-dirs',
    '-K',
    list,
  ],
  ...(certificate && { env: { CURL_CA_BUNDLE: certificate } }),
})

const aria2c = ({ lists, folder, certificate }: Task, ...more: string[]): Command => {
  const trust = certificate ? [`--ca-certificate=${certificate}`] : []
  // Without the last, a file's blocks are allocated before its first byte, which is for large files on slow disks.
  const options = ['--no-conf', '-q', '-j50', '-x1', '--file-allocation=none', ...trust, ...more]
  return { command: ['aria2c', ...options, '-d', folder, '-i', lists.aria2c] }
}

const wget2 = ({ lists, folder, certificate }: Task, ...more: string[]): Command => {
  const trust = certificate ? [`--ca-certificate=${certificate}`] : []
  const options = ['--no-config', '-q', '-x', '-nH', '--max-threads=10', ...trust, ...more]
  return { command: ['wget2', ...options, '-P', folder, '-i', lists.wget2] }
}
