/**
 * The methods of Codex's app-server by release, as each names them itself when it is asked for one that does not exist
 * (`probeMethods`). `test/e2e/releases.test.ts` holds the list of the release under test against it.
 */
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

export const CODEX_METHODS_FILE = fileURLToPath(new URL('../fixtures/codex-methods.json', import.meta.url))

/** Oldest release first. */
export const CODEX_METHODS: Readonly<Record<string, readonly string[]>> = JSON.parse(
  readFileSync(CODEX_METHODS_FILE, 'utf8'),
)
