/**
 * Finds the Codex to run: the configured one, else the one on PATH, else the one installed beside the hub. It answers
 * with a native binary and its version, or with a sentence that says what to do.
 */
import { execFile } from 'node:child_process'
import { accessSync, constants } from 'node:fs'
import { createRequire } from 'node:module'
import { delimiter, dirname, join } from 'node:path'
import { ConnectorError } from '../connector.ts'
import { fileStamp, findInPackage, isFile, resolveNative } from './native-binary.ts'
import { isAtLeast, OLDEST_SUPPORTED, parseVersion } from './version.ts'

export interface Installation {
  /** The native binary. */
  readonly path: string
  readonly version: string
  readonly source: 'configured' | 'path' | 'bundled'
}

export interface LocateOptions {
  readonly configuredPath?: string | undefined
  /** Where PATH is read from. */
  readonly env?: NodeJS.ProcessEnv
  /** Root of the `@openai/codex` package beside the hub; null: there is none. */
  readonly bundledPackage?: string | null
  readonly versionTimeoutMs?: number
  /** Versions already asked for, by binary and its time of change. */
  readonly versions?: Map<string, string>
}

interface Candidate {
  readonly path: string
  readonly source: Installation['source']
}

/** @throws ConnectorError `codexMissing` or `codexTooOld` */
export async function locateCodex(options: LocateOptions = {}): Promise<Installation> {
  const candidate = findCandidate(options)
  const key = fileStamp(candidate.path)
  const version =
    options.versions?.get(key) ?? (await readVersion(candidate, options.versionTimeoutMs ?? 10_000))
  options.versions?.set(key, version)
  if (!isAtLeast(version, OLDEST_SUPPORTED)) {
    throw new ConnectorError(
      'codexTooOld',
      `Codex ${version} at ${candidate.path} is too old: the hub needs ${OLDEST_SUPPORTED} or newer. ` +
        'Update it with `npm install -g @openai/codex@latest`, or configure the path of a newer one.',
      { path: candidate.path, version, source: candidate.source, oldest: OLDEST_SUPPORTED },
    )
  }
  return { ...candidate, version }
}

function findCandidate(options: LocateOptions): Candidate {
  const { configuredPath } = options
  if (configuredPath !== undefined) {
    const path = isFile(configuredPath) ? resolveNative(configuredPath) : null
    if (path) return { path, source: 'configured' }
    // A wrong configuration is not mended by taking another Codex than the one that was asked for.
    throw missing(`The configured Codex, ${configuredPath}, is not a Codex binary. Correct the path`, {
      path: configuredPath,
      source: 'configured',
    })
  }
  const onPath = findOnPath(options.env ?? process.env)
  if (onPath) return { path: onPath, source: 'path' }
  const root = options.bundledPackage === undefined ? bundledPackage() : options.bundledPackage
  const bundled = root === null ? null : findInPackage(root)
  if (bundled) return { path: bundled, source: 'bundled' }
  throw missing('No Codex was found on PATH. Install one with `npm install -g @openai/codex`', {})
}

function missing(what: string, facts: Record<string, unknown>): ConnectorError {
  return new ConnectorError('codexMissing', `${what}, or configure the path of the binary.`, facts)
}

/** The first `codex` on PATH that leads to a native binary; a shim whose binary is not installed is passed over. */
function findOnPath(env: NodeJS.ProcessEnv): string | null {
  const names = process.platform === 'win32' ? ['codex.exe', 'codex.cmd'] : ['codex']
  for (const folder of (env.PATH ?? env.Path ?? '').split(delimiter)) {
    if (folder === '') continue
    for (const name of names) {
      const path = join(folder, name)
      const native = isExecutable(path) ? resolveNative(path) : null
      if (native) return native
    }
  }
  return null
}

function isExecutable(path: string): boolean {
  if (!isFile(path)) return false
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}

function bundledPackage(): string | null {
  try {
    return dirname(createRequire(import.meta.url).resolve('@openai/codex/package.json'))
  } catch {
    return null
  }
}

async function readVersion(candidate: Candidate, timeoutMs: number): Promise<string> {
  const { path, source } = candidate
  const output = await new Promise<string>((resolve, reject) => {
    execFile(path, ['--version'], { timeout: timeoutMs, windowsHide: true }, (error, stdout) =>
      error
        ? reject(
            missing(`${path} did not say its version (${error.message}). Reinstall it`, { path, source }),
          )
        : resolve(stdout),
    )
  })
  const version = parseVersion(output)
  if (version) return version
  throw missing(
    `${path} is not Codex: it answered \`--version\` with ${JSON.stringify(output.slice(0, 100))}. Reinstall it`,
    {
      path,
      source,
    },
  )
}
