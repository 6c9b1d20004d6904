import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { freePort } from './free-port.js'

export type NginxOptions = {
  /** The directory it serves. */
  root: string
  /** Files of a key and its certificate: https. */
  tls?: { key: string; cert: string }
  /** Whether it has byte ranges; it has unless false. */
  ranges?: boolean
  /** The address it listens on; loopback unless given. */
  host?: string
  /** What starts it, as `ip netns exec NAME` does. */
  wrap?: readonly string[]
  /** More lines for its server block. */
  server?: string
}

export type Nginx = { readonly url: string; readonly pid: number; close(): Promise<void> }

/** An nginx of our own with one worker, answering from when this resolves until it is closed. */
export const startNginx = async (options: NginxOptions): Promise<Nginx> => {
  const { host = '127.0.0.1', tls, wrap = [] } = options
  const folder = mkdtempSync(join(tmpdir(), 'sluice-nginx-'))
  const port = await freePort()
  const file = join(folder, 'nginx.conf')
  writeFileSync(file, configuration({ ...options, host, folder, port }))
  const [command = '', ...args] = [...wrap, 'nginx', '-c', file, '-p', folder, '-e', 'stderr']
  const env = { ...process.env, PATH: `${process.env['PATH']}:/usr/sbin` }
  // A group of its own, so that Ctrl-C reaches it only through us.
  const child = spawn(command, args, { env, stdio: ['ignore', 'ignore', 'pipe'], detached: true })
  const ended = once(child, 'close')
  const said: string[] = []
  const started = new Promise<void>((resolve, reject) => {
    child.on('error', reject)
    // Only once it listens it says this, in a namespace that nobody else reaches, too.
    createInterface({ input: child.stderr }).on('line', line => {
      if (said.length < 20) said.push(line)
      if (line.includes('start worker process')) resolve()
    })
    ended.then(() => reject(new Error(`nginx does not start: ${said.join('; ')}`)), reject)
  })
  const close = async (): Promise<void> => {
    if (child.pid !== undefined) child.kill('SIGTERM')
    await ended.catch(() => {})
    rmSync(folder, { recursive: true, force: true })
  }
  try {
    await started
  } catch (error) {
    await close()
    throw error
  }
  return { url: `${tls ? 'https' : 'http'}://${host}:${port}`, pid: child.pid ?? 0, close }
}

type Configured = NginxOptions & { host: string; folder: string; port: number }

/** One worker, and no cache of open files: with a limit of descriptors that one answers 500, or nothing for a minute. */
const configuration = ({ root, tls, ranges = true, server = '', host, folder, port }: Configured): string => `
daemon off;
pid ${folder}/pid;
${process.getuid?.() === 0 ? 'user root;' : ''}
worker_processes 1;
worker_rlimit_nofile 16384;
error_log stderr notice;
events { worker_connections 4096; }
http {
  types { image/jpeg jpg; application/octet-stream bin; }
  default_type application/octet-stream;
  access_log off;
  sendfile on;
  tcp_nopush on;
  keepalive_requests 100000000;
  keepalive_timeout 600s;
  ${['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(kind => `${kind}_temp_path ${folder}/${kind};`).join('\n  ')}
  server {
    listen ${host}:${port}${tls ? ' ssl' : ''} backlog=4096;
    ${tls ? `ssl_certificate ${tls.cert};\n    ssl_certificate_key ${tls.key};` : ''}
    ${ranges ? '' : 'max_ranges 0;'}
    root ${root};
    ${server}
  }
}
`
