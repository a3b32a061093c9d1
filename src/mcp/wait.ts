/**
 * Waiting for a session on behalf of an agent: until a turn ends, or until somebody is needed. It looks at the session's
 * stream and nothing else, so a hub that restarts meanwhile is waited through; the stream says what happened.
 */

import type { SessionSnapshot } from '../client/session-store.ts'
import type { SessionHandle } from '../client/subscriptions.ts'
import { HubError } from '../protocol/errors.ts'
import type { SessionState } from '../protocol/session-state.ts'
import type { Turn } from '../protocol/turn.ts'
import type { ToolCall } from './tool.ts'

export type WaitUntil = 'turn' | 'attention'

export interface Waited {
  readonly outcome: 'turnEnded' | 'needsAttention' | 'timeout'
  readonly state: SessionState | null
  readonly turn: Turn | null
}

export interface WaitOptions {
  readonly sessionId: string
  readonly until: WaitUntil
  /** The turn that is waited for; null: whatever runs now. */
  readonly turnId: string | null
  readonly timeoutMs: number
}

/** A caller that hears nothing for longer may take the tool for dead. Milliseconds. */
const PROGRESS_MS = 5_000

/** @throws HubError when the session is gone; the signal's reason when the call was cancelled */
export async function waitFor(call: ToolCall, options: WaitOptions): Promise<Waited> {
  const { sessionId, timeoutMs } = options
  call.signal.throwIfAborted()
  const handle = call.hub.session(sessionId)
  const startedAt = Date.now()
  const tell = (): void => {
    const seconds = Math.round((Date.now() - startedAt) / 1_000)
    call.progress(seconds, Math.round(timeoutMs / 1_000), progressText(handle.getSnapshot()))
  }
  const ticks = setInterval(tell, PROGRESS_MS)
  let told = ''
  const stop = handle.subscribe(() => {
    const now = progressText(handle.getSnapshot())
    if (now !== told) tell()
    told = now
  })
  try {
    return await settled(call.signal, handle, options)
  } finally {
    clearInterval(ticks)
    stop()
    handle.release()
  }
}

function settled(signal: AbortSignal, handle: SessionHandle, options: WaitOptions): Promise<Waited> {
  return new Promise((resolve, reject) => {
    const finish = (act: () => void): void => {
      clearTimeout(timer)
      stop()
      signal.removeEventListener('abort', onAbort)
      act()
    }
    const onAbort = (): void => finish(() => reject(signal.reason))
    const look = (): void => {
      const snapshot = handle.getSnapshot()
      if (snapshot.status === 'gone') {
        finish(() => reject(snapshot.error ?? new HubError('sessionNotFound', 'The session is gone.')))
        return
      }
      const waited = judge(snapshot, options)
      if (waited) finish(() => resolve(waited))
    }
    const timer = setTimeout(() => {
      const { state } = handle.getSnapshot()
      finish(() => resolve({ outcome: 'timeout', state, turn: state ? turnOf(state, options.turnId) : null }))
    }, options.timeoutMs)
    signal.addEventListener('abort', onAbort)
    const stop = handle.subscribe(look)
    look()
  })
}

function judge(
  { state, status }: SessionSnapshot,
  { until, turnId }: Pick<WaitOptions, 'until' | 'turnId'>,
): Waited | null {
  // What is shown while the hub is away may be old; only what has ended stays true.
  if (!state || status === 'loading') return null
  const turn = turnOf(state, turnId)
  const isEnded = turn ? turn.status !== 'inProgress' : turnId === null && isAtRest(state)
  if (isEnded && (turnId !== null || (status === 'live' && isAtRest(state)))) {
    return { outcome: 'turnEnded', state, turn }
  }
  const isWaiting = status === 'live' && state.approvals.some((approval) => approval.state === 'pending')
  return until === 'attention' && isWaiting ? { outcome: 'needsAttention', state, turn } : null
}

function turnOf({ turns }: SessionState, turnId: string | null): Turn | null {
  return (turnId === null ? turns.at(-1) : turns.find(({ id }) => id === turnId)) ?? null
}

function isAtRest({ summary, turns }: SessionState): boolean {
  const moves = ['starting', 'working', 'awaitingApproval', 'recovering', 'stopping']
  return !moves.includes(summary.phase) && turns.every(({ status }) => status !== 'inProgress')
}

function progressText({ status, state }: SessionSnapshot): string {
  if (!state || status === 'stale') return 'waiting for the hub'
  const { phase, lastTool } = state.summary
  return lastTool === null ? phase : `${phase}; last tool: ${lastTool}`
}
