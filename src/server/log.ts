/**
 * Structured logs: JSON lines with ids, to a file that is cut when it grows. Secrets are replaced before a line is
 * written (L20).
 */
import { renameSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { destination, multistream, pino, type StreamEntry } from 'pino'
import type { Log } from '../base/log.ts'
import type { Config } from './config.ts'

/** The log begins anew at this size, keeping one older file. Bytes. */
const MAX_BYTES = 20 * 1024 * 1024

/** The log and its older part, in the data folder. */
export const LOG_FILES = ['hub.log', 'hub.log.1'] as const

const SECRET = /(codex-hub\.bearer\.|Bearer\s+|[?&]token=|codex_hub_token=)[A-Za-z0-9._~+/=-]+/g

/** Take secrets out of a text. */
export function redact(text: string): string {
  return text.replace(SECRET, '$1[secret]')
}

/** A log to `<folder>/hub.log`; warnings also to stderr when `echo` is set. */
export function openLog(folder: string, level: Config['logLevel'], echo: boolean): Log {
  const file = join(folder, LOG_FILES[0])
  rotate(file)
  const streams: StreamEntry[] = [
    { level: 'debug', stream: destination({ dest: file, mkdir: true, mode: 0o600, sync: false }) },
  ]
  if (echo) streams.push({ level: 'warn', stream: process.stderr })
  const log = pino(
    {
      level,
      base: { pid: process.pid },
      redact: { paths: ['token', '*.token', 'headers.authorization', 'headers.cookie'], censor: '[secret]' },
      hooks: { streamWrite: redact },
    },
    multistream(streams),
  )
  return log as unknown as Log
}

function rotate(file: string): void {
  const size = statSync(file, { throwIfNoEntry: false })?.size ?? 0
  if (size > MAX_BYTES) renameSync(file, `${file}.1`)
}
