import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { makeCertificate } from '../../fixtures/certificate.js'
import { startNginx } from '../core/nginx.js'

/** Where assets come from: `root` is served at `url`. */
export type Origin = { url: string; root: string; certificate?: string; close(): Promise<void> }

/** Starts the origin of `folder`, with TLS by a certificate that it made itself. */
export const openOrigin = async (folder: string, isTls: boolean): Promise<Origin> => {
  const root = join(folder, 'origin')
  mkdirSync(root, { recursive: true })
  if (!isTls) return { root, ...(await startNginx({ root })) }
  makeCertificate(folder)
  const [cert, key] = [join(folder, 'cert.pem'), join(folder, 'key.pem')]
  return { root, certificate: cert, ...(await startNginx({ root, tls: { cert, key } })) }
}
