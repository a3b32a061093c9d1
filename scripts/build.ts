/** Compiles the package into `dist/`: sources to `dist/src`, migrations to `dist/migrations`, types beside them. */
import { execFileSync } from 'node:child_process'
import { chmodSync, readFileSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
for (const part of ['src', 'migrations']) rmSync(join(root, 'dist', part), { recursive: true, force: true })
const tsc = join(root, 'node_modules', 'typescript', 'bin', 'tsc')
execFileSync(process.execPath, [tsc, '-p', join(root, 'tsconfig.build.json')], {
  cwd: root,
  stdio: 'inherit',
})
const bin = join(root, 'dist', 'src', 'cli', 'main.js')
if (!readFileSync(bin, 'utf8').startsWith('#!/usr/bin/env -S node '))
  throw new Error(`${bin} does not begin with its shebang.`)
chmodSync(bin, 0o755)
