/**
 * Builds the page into `dist/web`, with its service worker, and compresses its files once, for all who will ask for
 * them. The new page takes the place of the old one at a stroke: a hub that serves it meanwhile never finds half of it.
 */
import { createHash } from 'node:crypto'
import { globSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { brotliCompressSync, gzipSync } from 'node:zlib'
import { build, transformWithOxc } from 'vite'
import { isStale } from './stale.ts'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const dist = join(root, 'dist')
const SOURCES = [
  'src/{web,client,protocol,jsonrpc,base}/**/*',
  'scripts/build-web.ts',
  'vite.config.ts',
  'package-lock.json',
]

if (process.argv.includes('--if-stale') && !isStale(root, 'dist/web/sw.js', SOURCES)) process.exit()
const next = join(dist, `web.${process.pid}`)
// Whatever the shell or a test runner says: what is built is what is shipped.
process.env.NODE_ENV = 'production'
await build({ logLevel: 'warn', build: { outDir: next } })
await writeWorker()
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

/** The worker, told which page this is and what it starts with. Parts that are loaded later it keeps when they are. */
async function writeWorker(): Promise<void> {
  const index = readFileSync(join(next, 'index.html'), 'utf8')
  const version = createHash('sha256').update(index).digest('hex').slice(0, 12)
  const files = [...index.matchAll(/(?:src|href)="(\/assets\/[^"]+)"/g)].map(([, file]) => file)
  if (files.length === 0) throw new Error('The built page names no file under /assets.')
  const source = join(root, 'src', 'web', 'offline', 'worker.ts')
  const { code } = await transformWithOxc(readFileSync(source, 'utf8'), source)
  writeFileSync(
    join(next, 'sw.js'),
    `const SHELL = ${JSON.stringify({ version, files: ['/', ...files] })}\n${code}`,
  )
}
