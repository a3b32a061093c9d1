/** Exit codes, and how a failure is told: one line for a person, one JSON document with `--json`. */
import { ClientClosedError, RefusedError } from '../client/wire-error.ts'
import { StoreError } from '../persistence/store.ts'
import { type ErrorName, HubError } from '../protocol/errors.ts'

export const EXIT = {
  ok: 0,
  failed: 1,
  usage: 2,
  alreadyRunning: 3,
  noHub: 4,
  refused: 5,
  indeterminate: 6,
} as const

export const EXIT_TEXT = `Exit codes: 0 done, 1 failed, 2 wrong usage, 3 a hub runs already, 4 no hub runs,
5 the session's state does not allow it, 6 it is unknown whether it took effect.`

/** A failure with its exit code; the sentence says what to do. */
export class CliError extends Error {
  override readonly name = 'CliError'
  readonly exitCode: number

  constructor(message: string, exitCode: number) {
    super(message)
    this.exitCode = exitCode
  }
}

const BY_STATE: readonly ErrorName[] = [
  'notPossible',
  'stale',
  'heldElsewhere',
  'unsupported',
  'commandConflict',
  'forbidden',
]

/** Print what went wrong. @returns the exit code */
export function report(error: unknown, asJson: boolean): number {
  const message = error instanceof Error ? error.message : String(error)
  const data = error instanceof HubError ? error.data : undefined
  if (asJson) console.error(JSON.stringify({ error: { message, ...data } }))
  else console.error(`codex-hub: ${message}`)
  return exitCodeOf(error)
}

function exitCodeOf(error: unknown): number {
  if (error instanceof CliError) return error.exitCode
  if (error instanceof StoreError && error.fault === 'folderLocked') return EXIT.alreadyRunning
  if (error instanceof RefusedError || error instanceof ClientClosedError) return EXIT.noHub
  if (!(error instanceof HubError)) return EXIT.failed
  if (error.data.name === 'indeterminate') return EXIT.indeterminate
  return BY_STATE.includes(error.data.name) ? EXIT.refused : EXIT.failed
}
