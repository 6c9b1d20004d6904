import { randomBytes } from 'node:crypto'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Nginx, startNginx } from '../core/nginx.js'
import { repeated } from './manifests.js'

/** An origin below `folder` with one asset, which is also all that is below /assets; nothing else is there. */
export const openOrigin = (folder: string): Promise<Nginx> => {
  const root = join(folder, 'origin')
  mkdirSync(root)
  writeFileSync(join(root, 'asset.jpg'), randomBytes(4096))
  const server = `
    location / { return 404 '-'; }
    location = ${repeated} { try_files /asset.jpg =404; }
    location /assets/ { try_files /asset.jpg =404; }`
  return startNginx({ root, server })
}
