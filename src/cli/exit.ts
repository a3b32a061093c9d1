/** Exit codes, and how a failure is told: one line for a person, one JSON document with `--json`. */
import { RefusedError } from '../client/wire-error.ts'
import { RequestTimeoutError } from '../jsonrpc/peer.ts'
import { StoreError } from '../persistence/store-error.ts'
import { CLOSE_CODES } from '../protocol/close-codes.ts'
import { ERRORS, type ErrorName, HubError, isHubError } from '../protocol/errors.ts'
import { METHODS, type MethodName, staleFactsSchema } from '../protocol/methods.ts'
import { ago, safe } from './text.ts'

export const EXIT = {
  ok: 0,
  failed: 1,
  usage: 2,
  alreadyRunning: 3,
  noHub: 4,
  refused: 5,
  indeterminate: 6,
} as const

export const EXIT_TEXT = `Exit codes:
  0  done
  1  failed, or the turn that was watched did
  2  wrong usage, or a value that cannot be had: an effort, a folder
  3  a hub runs on this data folder already
  4  no hub runs, or it does not answer
  5  the state of the session or its folder does not allow it, or somebody was first
  6  it is unknown whether it took effect: look before you try again`

const GIVE_TOKEN = 'Give the token of its data folder with --token or CODEX_HUB_HOME.'
const OTHER_VERSION = 'Use the codex-hub that the hub was started with, or restart the hub with this one.'
const CURES: Readonly<Record<number, string>> = {
  [CLOSE_CODES.unsupportedVersion.code]: OTHER_VERSION,
  [ERRORS.unsupportedVersion.code]: OTHER_VERSION,
}

/** A failure with its exit code; the sentence says what to do. */
export class CliError extends Error {
  override readonly name = 'CliError'
  readonly exitCode: number
  readonly facts: Readonly<Record<string, unknown>>

  constructor(message: string, exitCode: number, facts: Record<string, unknown> = {}) {
    super(message)
    this.exitCode = exitCode
    this.facts = facts
  }
}

const WRONG: readonly ErrorName[] = ['invalidParams', 'invalidPath', 'invalidPageToken']
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
  const exitCode = exitCodeOf(error)
  const message = sentenceOf(error)
  if (asJson) console.error(JSON.stringify({ error: { message, exitCode, ...detailsOf(error) } }))
  else console.error(`codex-hub: ${message}`)
  return exitCode
}

function exitCodeOf(error: unknown): number {
  if (error instanceof CliError) return error.exitCode
  if (error instanceof StoreError && error.fault === 'folderLocked') return EXIT.alreadyRunning
  if (error instanceof RequestTimeoutError) return isCommand(error.method) ? EXIT.indeterminate : EXIT.noHub
  if (!(error instanceof HubError)) return EXIT.failed
  if (error.data.name === 'indeterminate') return EXIT.indeterminate
  if (WRONG.includes(error.data.name)) return EXIT.usage
  return BY_STATE.includes(error.data.name) ? EXIT.refused : EXIT.failed
}

function sentenceOf(error: unknown): string {
  const message = safe(error instanceof Error ? error.message : String(error))
  if (error instanceof RefusedError) {
    return `The hub refuses this client (${message}). ${CURES[error.code ?? 0] ?? GIVE_TOKEN}`
  }
  if (error instanceof RequestTimeoutError) {
    return isCommand(error.method)
      ? `The hub did not answer in time: nobody knows whether it took effect. Look with "codex-hub sessions" first.`
      : 'The hub does not answer. "codex-hub doctor" says how it is.'
  }
  if (isHubError(error, 'stale')) {
    const facts = staleFactsSchema.safeParse(error.data.facts)
    if (facts.success && facts.data.by) {
      const { decision, by, at } = facts.data
      return `Too late: ${safe(by.name)} answered ${safe(decision ?? 'it')} ${ago(at)} ago.`
    }
  }
  return message
}

function detailsOf(error: unknown): object {
  if (error instanceof HubError) return error.data
  if (error instanceof CliError) return { facts: error.facts }
  if (error instanceof StoreError) return { name: error.fault, facts: error.facts }
  return {}
}

function isCommand(method: string): boolean {
  return Object.hasOwn(METHODS, method) && METHODS[method as MethodName].mutates
}
