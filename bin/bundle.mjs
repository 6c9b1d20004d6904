import { readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { build } from 'esbuild'

/*
 * Bundles the built command. Most of what a short run takes is finding and opening some 250 small files; bundled it starts in half
 * the time. The library is not bundled: whoever imports it has a bundler, or a process that lives longer.
 */

const folder = 'dist/bin'

/** Of undici only what is used: its front door loads fetch, cookies, caches and mocks as well, for a fifth of the start. */
const undiciParts = {
  name: 'undici-parts',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^undici$/ }, () => ({ path: 'undici', namespace: 'parts' }))
    onLoad({ filter: /^undici$/, namespace: 'parts' }, () => ({
      resolveDir: process.cwd(),
      contents: `
        export { default as Client } from 'undici/lib/dispatcher/client.js'
        export { default as buildConnector } from 'undici/lib/core/connect.js'`,
    }))
  },
}

const { metafile } = await build({
  entryPoints: [join(folder, 'sluice.js')],
  outdir: folder,
  allowOverwrite: true,
  bundle: true,
  splitting: true,
  format: 'esm',
  platform: 'node',
  target: 'node20.18',
  // The one holds a binary that it looks for beside itself; the other few runs load, and bundled it loses its names.
  external: ['classic-level', 'ioredis'],
  plugins: [undiciParts],
  // Packages in CommonJS ask for Node's modules by this name.
  banner: {
    js: "import{createRequire as $require}from'node:module';const require=$require(import.meta.url);",
  },
  metafile: true,
  logLevel: 'warning',
})

const bundled = new Set(Object.keys(metafile.outputs))
for (const name of await readdir(folder))
  if (!bundled.has(`${folder}/${name}`)) await rm(join(folder, name), { recursive: true })
