/** A program in the place of Codex: it says its version and then does as its lines say. */
import { chmodSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** @returns its path, for `codexPath`; to be used over stdio */
export function writeCodexProgram(folder: string, lines: string, version: string): string {
  const path = join(folder, 'codex')
  writeFileSync(path, `#!/bin/sh\n[ "$1" = --version ] && echo "codex-cli ${version}" && exit 0\n${lines}\n`)
  chmodSync(path, 0o700)
  return path
}
