/**
 * Reads what a tool gave back to the model. Until 0.142 this text is the only place where a rollout tells a command's
 * output and exit code, and its form changed with the tools: JSON (`shell`, `apply_patch`), a heading with an exit code
 * (`shell_command`), a chunk heading (`exec_command`).
 */
import { asFields, asNumber, asText } from '../codex/decode.ts'

export interface ToolOutput {
  readonly text: string
  readonly exitCode: number | null
  readonly durationMs: number | null
  readonly fate: 'ended' | 'running' | 'aborted' | 'declined' | 'failed'
  /** Terminal session in which a command goes on. */
  readonly terminal: string | null
}

const HEADING = /^(?:[^\n]*\n){0,6}?Output:\n/
const CODE = /^(?:Exit code: |Process exited with code )(-?\d+)$/m
const WALL = /^Wall time: ([\d.]+) seconds?$/m
const RUNNING = /^Process running with session ID (\S+)$/m
const ABORTED = /^(?:Wall time: [\d.]+ seconds?\n)?aborted(?: by user)?(?: after [\d.]+s)?\s*$/
const DECLINED = /rejected by user|patch rejected|user rejected|rejected by the user/i

export function readToolOutput(value: unknown): ToolOutput {
  const raw = flatten(value)
  const json = readJson(raw)
  if (json) return json
  if (ABORTED.test(raw)) return { ...plain(raw), fate: 'aborted' }
  const heading = HEADING.exec(raw)?.[0]
  if (heading === undefined) {
    if (raw.length < 2_000 && DECLINED.test(raw)) return { ...plain(raw), fate: 'declined' }
    if (raw.startsWith('exec_command failed') || raw.startsWith('execution error'))
      return { ...plain(raw), fate: 'failed' }
    return plain(raw)
  }
  const code = CODE.exec(heading)?.[1]
  const wall = WALL.exec(heading)?.[1]
  const terminal = RUNNING.exec(heading)?.[1] ?? null
  return {
    text: raw.slice(heading.length),
    exitCode: code === undefined ? null : Number(code),
    durationMs: wall === undefined ? null : Math.round(Number(wall) * 1000),
    fate: terminal === null ? 'ended' : 'running',
    terminal,
  }
}

function plain(text: string): ToolOutput {
  return { text, exitCode: null, durationMs: null, fate: 'ended', terminal: null }
}

/** `{"output": …, "metadata": {"exit_code", "duration_seconds"}}` */
function readJson(raw: string): ToolOutput | null {
  if (!raw.startsWith('{"output"')) return null
  try {
    const value = asFields(JSON.parse(raw))
    const metadata = asFields(value?.metadata)
    const text = asText(value?.output)
    if (text === null || !metadata) return null
    const seconds = asNumber(metadata.duration_seconds)
    return {
      ...plain(text),
      exitCode: asNumber(metadata.exit_code),
      durationMs: seconds === null ? null : Math.round(seconds * 1000),
    }
  } catch {
    return null
  }
}

/** A string, a list of content parts (images have no text), or `{content}`. */
function flatten(value: unknown): string {
  if (typeof value === 'string') return value
  if (Array.isArray(value)) return value.map((part) => asText(asFields(part)?.text) ?? '').join('')
  return asText(asFields(value)?.content) ?? ''
}
