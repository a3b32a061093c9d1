/**
 * From whatever `codex` a path names to the native binary behind it. The npm package's `codex` is a JavaScript shim:
 * killing it leaves the real process alive and holding the thread's writer lock, so the hub never starts it (L16).
 */
import { closeSync, openSync, readSync, realpathSync, statSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'

interface Platform {
  readonly platform: string
  readonly arch: string
}

const TRIPLES: Record<string, string> = {
  'linux-x64': 'x86_64-unknown-linux-musl',
  'linux-arm64': 'aarch64-unknown-linux-musl',
  'android-arm64': 'aarch64-unknown-linux-musl',
  'darwin-x64': 'x86_64-apple-darwin',
  'darwin-arm64': 'aarch64-apple-darwin',
  'win32-x64': 'x86_64-pc-windows-msvc',
  'win32-arm64': 'aarch64-pc-windows-msvc',
}

/**
 * The native binary a file stands for: itself, or the one its npm package carries for this platform. Null when the
 * file is the shim of a package whose binary for this platform is not installed. A shell script passes as it is: such
 * wrappers (Nix and the like) end in `exec`, so the process becomes the native one.
 */
export function resolveNative(path: string, on: Platform = process): string | null {
  const real = realpathSync(path)
  if (!isNodeScript(real)) return real
  // `…/node_modules/@openai/codex/bin/codex.js`; on Windows `codex.cmd` beside `node_modules` names the same file.
  for (const root of [dirname(dirname(real)), join(dirname(real), 'node_modules', '@openai', 'codex')]) {
    const found = findInPackage(root, on)
    if (found) return found
  }
  return null
}

/** The native binary of an installed `@openai/codex` package, in any of the layouts its releases had. */
export function findInPackage(packageRoot: string, on: Platform = process): string | null {
  const triple = TRIPLES[`${on.platform}-${on.arch}`]
  if (triple === undefined) return null
  const name = on.platform === 'win32' ? 'codex.exe' : 'codex'
  for (const vendor of vendorFolders(packageRoot, on)) {
    // `bin/codex` since 0.130 or so, `codex/codex` before.
    for (const folder of ['bin', 'codex']) {
      const path = join(vendor, triple, folder, name)
      if (isFile(path)) return path
    }
  }
  return null
}

/** Newer releases put the binary into a package per platform; up to 0.98 one package holds all of them. */
function vendorFolders(packageRoot: string, on: Platform): string[] {
  const own = join(packageRoot, 'vendor')
  const platform = on.platform === 'android' ? 'linux' : on.platform
  try {
    const require = createRequire(join(packageRoot, 'package.json'))
    const manifest = require.resolve(`@openai/codex-${platform}-${on.arch}/package.json`)
    return [join(dirname(manifest), 'vendor'), own]
  } catch {
    return [own]
  }
}

export function isFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() ?? false
}

/** Names a file as it is now: an update in place changes it. */
export function fileStamp(path: string): string {
  const file = statSync(path, { throwIfNoEntry: false })
  return `${path}\0${file?.mtimeMs}\0${file?.size}`
}

/** The npm shim: JavaScript, or the `.cmd` and `.ps1` that npm puts before it on Windows. */
function isNodeScript(path: string): boolean {
  if (/\.(?:c?js|mjs|cmd|ps1|bat)$/i.test(path)) return true
  const fd = openSync(path, 'r')
  try {
    const head = Buffer.alloc(100)
    readSync(fd, head, 0, head.length, 0)
    return /^#!.*\bnode\b/.test(head.toString('latin1'))
  } finally {
    closeSync(fd)
  }
}
