import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { runTool } from './run-tool.js'

/** A network that processes of this machine can be in. */
export type Network = {
  /** A process in it, by which tools know it. */
  readonly pid: number
  /** The command that runs `command` in it, and is killed when this process ends, however it ends. */
  inside(command: readonly string[]): [command: string, ...args: string[]]
  /** Gives it up: it is gone, with its devices, once no process is left in it. */
  close(): Promise<void>
}

/** The network that this process is in. */
export const thisNetwork: Network = {
  pid: process.pid,
  inside: command => ['setpriv', '--pdeathsig', 'KILL', ...command],
  close: async () => {},
}

/** Holds a network for as long as there is somebody to write to it; then ends all who are in it, however their parents ended. */
const hold = `cat
own=$(readlink /proc/self/ns/net)
for process in /proc/[0-9]*; do
  pid=\${process#/proc/}
  [ "$pid" = $$ ] || [ "$(readlink "$process/ns/net")" != "$own" ] || kill -9 "$pid"
done`

/** A network of its own, empty but for loopback; refuses with the reason where this process may not make one. */
export const openNetwork = async (): Promise<Network> => {
  // It reads a pipe of this process, and so ends with it; in a group of its own, no Ctrl-C ends it before its time.
  const holder = spawn('unshare', ['-n', 'sh', '-c', hold], { detached: true })
  const exited = once(holder, 'close').catch(() => [])
  holder.stdin.on('error', () => {})
  holder.stdin.write('open\n')
  let complaint = ''
  holder.stderr.on('data', chunk => {
    complaint += chunk
  })
  const isOpen = await Promise.race([once(holder.stdout, 'data').then(() => true), exited.then(() => false)])
  const { pid } = holder
  if (!isOpen || pid === undefined) throw new Error(complaint.trim() || 'unshare cannot be started')
  const network: Network = {
    pid,
    inside: command => ['nsenter', '-n', '-t', `${pid}`, 'setpriv', '--pdeathsig', 'KILL', ...command],
    async close() {
      holder.stdin.end()
      await exited
    },
  }
  runTool(network.inside('ip link set lo up'.split(' ')))
  return network
}
