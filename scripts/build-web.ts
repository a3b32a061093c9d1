/**
 * Builds the page into `dist/web` and compresses its files once, for all who will ask for them. The new page takes the
 * place of the old one at a stroke: a hub that serves it meanwhile never finds half of it.
 */
import { globSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { brotliCompressSync, gzipSync } from 'node:zlib'
import { build } from 'vite'

const dist = join(dirname(dirname(fileURLToPath(import.meta.url))), 'dist')
const next = join(dist, `web.${process.pid}`)
await build({ logLevel: 'warn', build: { outDir: next } })
for (const path of globSync('**/*.{js,css,html,svg,webmanifest}', { cwd: next })) {
  const text = readFileSync(join(next, path))
  writeFileSync(join(next, `${path}.br`), brotliCompressSync(text))
  writeFileSync(join(next, `${path}.gz`), gzipSync(text, { level: 9 }))
}
const old = join(dist, `web.old.${process.pid}`)
try {
  renameSync(join(dist, 'web'), old)
} catch {
  // There was none.
}
renameSync(next, join(dist, 'web'))
rmSync(old, { recursive: true, force: true })
