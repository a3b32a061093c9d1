/** Writes which Codex homes the hub knows into `config.json`, whole or not at all; all else in the file stays as it is. */
import { chmodSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { ConfiguredHome } from './adoption/homes.ts'
import { ConfigError, resolveHome } from './config.ts'

interface Written {
  readonly path: string
  readonly adopt?: boolean
}

/**
 * @param homes the hub's own first; that one is only written where it says something
 * @throws ConfigError when the file holds what nobody can read; the system's error when it cannot be written
 */
export function keepHomes(folder: string, homes: readonly ConfiguredHome[]): void {
  const file = join(folder, 'config.json')
  const stored = readStored(file)
  const known = Array.isArray(stored.homes) ? (stored.homes as Written[]) : []
  const written = homes.flatMap(({ codexHome, adopt }, index) => {
    // As a person wrote it: `~/other` stays `~/other`.
    const spelled = known.find(({ path }) => resolveHome(path) === codexHome)?.path
    return index === 0 && adopt && spelled === undefined ? [] : [{ path: spelled ?? codexHome, adopt }]
  })
  const next = `${file}.${process.pid}.new`
  writeFileSync(next, `${JSON.stringify({ ...stored, homes: written }, null, 2)}\n`, { mode: 0o600 })
  if (process.platform !== 'win32') chmodSync(next, 0o600)
  renameSync(next, file)
}

function readStored(file: string): Record<string, unknown> {
  let text: string
  try {
    text = readFileSync(file, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return {}
    throw error
  }
  try {
    const stored: unknown = JSON.parse(text)
    if (typeof stored === 'object' && stored !== null && !Array.isArray(stored))
      return stored as Record<string, unknown>
  } catch {
    // Told below, in the same words.
  }
  throw new ConfigError(`${file} does not hold one JSON object. Mend or remove it, then try again.`)
}
