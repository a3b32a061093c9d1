/**
 * Builds the hub into `dist/hub`: one program and its threads, with the packages they use inside. A start then reads
 * some twenty files instead of two thousand, and no part of a package that nothing calls: less than half the processor
 * time, and 25 MB less memory. `--if-stale`: only when a source has changed since.
 */
import { chmodSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type OutputChunk, type Plugin, rolldown } from 'rolldown'
import { isStale } from './stale.ts'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const SOURCES = ['src/**/*.ts', 'migrations/*.ts', 'scripts/build-hub.ts', 'package-lock.json']
/** What is no JavaScript, or brings files of its own. */
const OUTSIDE = ['better-sqlite3', 'open']
const BIN = 'main.js'

if (process.argv.includes('--if-stale') && !isStale(root, join('dist/hub', BIN), SOURCES)) process.exit()
const out = join(root, 'dist', 'hub')
const next = `${out}.${process.pid}`

const bundle = await rolldown({
  input: { main: join(root, 'src/cli/main.ts') },
  platform: 'node',
  external: OUTSIDE,
  plugins: [threads()],
  onLog: (level, log, defaultHandler) => defaultHandler(level === 'warn' ? 'error' : level, log),
})
const { output } = await bundle.write({
  dir: next,
  format: 'esm',
  entryFileNames: '[name].js',
  chunkFileNames: '[name]-[hash].js',
  // They are read at every start, too.
  comments: false,
})
await bundle.close()
const chunks = output.filter((part): part is OutputChunk => part.type === 'chunk')
if (!readFileSync(join(next, BIN), 'utf8').startsWith('#!/usr/bin/env -S node '))
  throw new Error(`${BIN} does not begin with its shebang.`)
chmodSync(join(next, BIN), 0o755)
writeFileSync(join(next, 'LICENSES.txt'), licenses(chunks.flatMap(({ moduleIds }) => moduleIds)))

// At a stroke: a hub that starts meanwhile never finds half of it.
const old = join(root, 'dist', `hub.old.${process.pid}`)
mkdirSync(out, { recursive: true })
renameSync(out, old)
renameSync(next, out)
rmSync(old, { recursive: true, force: true })

/** The program of a thread, named by its source beside the one that starts it, becomes a file of its own. */
function threads(): Plugin {
  const PROGRAM = /new URL\('(\.\/[\w-]+\.ts)', import\.meta\.url\)/g
  return {
    name: 'threads',
    transform(code, id) {
      if (id.includes('node_modules') || !PROGRAM.test(code)) return null
      return code.replace(PROGRAM, (_, path: string) => {
        const program = join(dirname(id), path)
        const name = `${program.split('/').at(-2)}-thread`
        return `new URL(import.meta.ROLLUP_FILE_URL_${this.emitFile({ type: 'chunk', id: program, name })})`
      })
    },
  }
}

/** What the packages inside ask to be told of them. */
function licenses(modules: readonly string[]): string {
  const folders = modules.flatMap((id) => /^.*\/node_modules\/(?:@[^/]+\/)?[^/]+/.exec(id)?.[0] ?? [])
  return [...new Set(folders)]
    .sort()
    .map((folder) => {
      const { name, version, license } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
      const texts = readdirSync(folder).filter((file) => /^(licen[cs]e|notice)/i.test(file))
      return [
        `${name} ${version} (${license})`,
        ...texts.map((file) => readFileSync(join(folder, file), 'utf8')),
      ]
        .map((text) => text.trim())
        .join('\n\n')
    })
    .join(`\n\n${'-'.repeat(80)}\n\n`)
}
