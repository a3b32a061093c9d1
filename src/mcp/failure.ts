/** Failures as an agent meets them: a name, a sentence, and what to do next. The closed set is the hub's, plus five. */
import { RefusedError } from '../client/wire-error.ts'
import { RequestTimeoutError } from '../jsonrpc/peer.ts'
import { CLOSE_CODES } from '../protocol/close-codes.ts'
import { ERRORS, isHubError } from '../protocol/errors.ts'
import { HubAwayError } from './hub-link.ts'
import { clip } from './untrusted.ts'

export interface Failure {
  readonly name: string
  readonly message: string
  readonly retry: 'never' | 'later' | 'person'
  /** What the agent should do now. */
  readonly next: string
  readonly facts: Readonly<Record<string, unknown>>
}

/** Arguments that do not fit a tool's schema. */
export class BadArgumentsError extends Error {
  override readonly name = 'BadArgumentsError'
}

/** A wait or call that its caller gave up. */
export const CANCELLED: Failure = {
  name: 'cancelled',
  message: 'The call was cancelled. What was sent to the session before goes on.',
  retry: 'later',
  next: 'Nothing; wait_for_session waits again.',
  facts: {},
}

const NEXT: Readonly<Record<string, string>> = {
  sessionNotFound: 'Call list_sessions or search_sessions for ids that exist.',
  notFound: 'Call get_session for the ids that exist now.',
  invalidParams: 'Mend the arguments as the message says.',
  invalidPageToken: 'Start again without pageToken.',
  invalidPath: 'Give an absolute path of a folder that exists.',
  forbidden: 'Do not try again. Tell your person what you wanted to do; only they can grant it.',
  stale: 'Somebody else was first. Call get_session to see what is now.',
  notPossible:
    'Call get_session and look at phase, door and can; wait_for_session waits until a turn is over.',
  unsupported: 'This Codex cannot do it; do not try again.',
  heldElsewhere: 'Another program has the session open. Use fork_session to go on beside it.',
  indeterminate: 'Do not repeat it. Call get_session to see whether it took effect, and tell your person.',
  codexFailed: 'Read the message; get_session has the problem. The same call may pass later.',
  codexUnavailable: 'Codex does not start. Tell your person to run "codex-hub doctor".',
  overloaded: 'Wait a little, then try again with fewer calls.',
  shuttingDown: 'Wait until the hub is back, then try again.',
  storage: 'The hub cannot write its database. Tell your person.',
  internal: 'The hub failed. Tell your person that its log has the details.',
}

export function failureOf(error: unknown): Failure {
  if (isHubError(error)) {
    const { name, retry, facts } = error.data
    const next = typeof facts.next === 'string' ? facts.next : adviceFor(name, facts)
    return { name, message: clip(error.message), retry, next, facts: bounded(facts) }
  }
  const message = clip(error instanceof Error ? error.message : String(error))
  if (error instanceof HubAwayError) {
    const next = 'Tell your person to start the hub with "codex-hub serve"; then call again.'
    return { name: 'hubNotRunning', message, retry: 'later', next, facts: {} }
  }
  if (error instanceof RefusedError) {
    if (error.code === CLOSE_CODES.revoked.code || error.code === ERRORS.forbidden.code) {
      const next = 'Do not try again. Only your person can let you in again: codex-hub mcp restore.'
      return {
        name: 'refused',
        message: 'This agent was locked out of the hub.',
        retry: 'never',
        next,
        facts: {},
      }
    }
    const next =
      'Tell your person that the bridge has no valid token, or was revoked: "codex-hub mcp list" shows it.'
    return { name: 'refused', message, retry: 'never', next, facts: { code: error.code } }
  }
  if (error instanceof RequestTimeoutError) {
    const next = 'Do not repeat it blindly. Call get_session to see whether it took effect.'
    return { name: 'timeout', message, retry: 'person', next, facts: { method: error.method } }
  }
  if (error instanceof BadArgumentsError) {
    return {
      name: 'invalidArguments',
      message,
      retry: 'never',
      next: NEXT.invalidParams as string,
      facts: {},
    }
  }
  return { name: 'internal', message, retry: 'later', next: NEXT.internal as string, facts: {} }
}

function adviceFor(name: string, facts: Readonly<Record<string, unknown>>): string {
  if (facts.reason === 'observed') {
    return 'Somebody else runs this session. Use fork_session to go on beside it; a person can take it over when nobody has it open.'
  }
  if (facts.reason === 'turnInProgress') {
    return 'A turn is running: wait_for_session until it is over, or steer_turn to tell it more.'
  }
  return NEXT[name] ?? 'Read the message.'
}

/** Facts are small by nature; what is not is left out. */
function bounded(facts: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return (JSON.stringify(facts) ?? '').length > 4_000 ? {} : facts
}

export function failureText({ name, message, next }: Failure): string {
  return `${name}: ${message}\nNext: ${next}`
}
