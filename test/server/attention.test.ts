import { expect, it } from 'vitest'
import { EMPTY_STATE } from '../../src/protocol/apply-delta.ts'
import { applyAttentionDeltas, EMPTY_ATTENTION } from '../../src/protocol/attention.ts'
import type { SessionState } from '../../src/protocol/session-state.ts'
import type { Summary } from '../../src/protocol/summary.ts'
import { attentionStreamKind } from '../../src/server/attention/attention-stream.ts'
import { needOf } from '../../src/server/attention/need.ts'
import { newSession } from '../../src/server/session/new-session.ts'

const { summary } = newSession('ses_1', '/project', {}, 0)
const need = (
  patch: Partial<Summary>,
  state: Partial<SessionState> | null = null,
  now = 0,
  stalledAfterMs = 0,
) => needOf({ ...summary, ...patch }, state && { ...EMPTY_STATE, ...state }, now, stalledAfterMs)
const failed = { reason: 'failed' as const, since: 5, count: 1 }
const failedWith = (code: string) => ({
  turns: [
    {
      id: 't',
      seq: 0,
      status: 'failed',
      error: { message: 'No\n more.', code },
      startedAt: 0,
      completedAt: 5,
    },
  ] as unknown as SessionState['turns'],
})

it('[ATT6] a failure for want of a login or of credit is told as that', () => {
  expect(need({ attention: failed }, failedWith('unauthorized'))).toEqual({
    kind: 'login',
    since: 5,
    count: 1,
    text: 'No more.',
  })
  expect(need({ attention: failed }, failedWith('usageLimitExceeded'))?.kind).toBe('rateLimited')
  expect(need({ attention: failed }, failedWith('other'))?.kind).toBe('failed')
  const problem = { code: 'processDied', message: 'It ended.', at: 5 }
  expect(need({ attention: failed, problem })).toMatchObject({ kind: 'failed', text: 'It ended.' })
})

it('[ATT7] a turn that was stopped or declined is not told as done, and by whom it was declined is', () => {
  const finished = { attention: { reason: 'finished' as const, since: 5, count: 1 } }
  const turns = [{ id: 't', status: 'interrupted', error: null }] as unknown as SessionState['turns']
  const of = { kind: 'finished', since: 5, count: 1, isInterrupted: true }
  expect(need(finished, { turns })).toEqual({ ...of, text: 'The turn was interrupted.' })
  const approvals = [
    {
      turnId: 't',
      title: 'git push',
      choices: [{ id: 'cancel', label: 'Decline', effect: 'cancel' }],
      outcome: { choice: 'cancel', by: { clientId: 'c', name: 'phone' }, at: 4, why: null },
    },
  ] as unknown as SessionState['approvals']
  expect(need(finished, { turns, approvals })).toEqual({ ...of, text: 'git push: “Decline”, by phone' })
})

it('[ATT2] only a turn that runs, and of which nothing was heard for so long, is stalled', () => {
  const working = { phase: 'working' as const, evidenceAt: 60_000 }
  expect(need(working, null, 660_000, 600_000)).toEqual({
    kind: 'stalled',
    since: 60_000,
    count: 1,
    text: 'A turn runs, and nothing was heard of it for 10 minutes.',
  })
  expect(need(working, null, 659_999, 600_000)).toBeNull()
  expect(need(working, null, 660_000, 0)).toBeNull()
  expect(need({ ...working, phase: 'idle' }, null, 660_000, 600_000)).toBeNull()
})

it('[ATT1] a snapshot of any length folds to the log it was made of', () => {
  const entries = Array.from({ length: 250 }, (_, index) => ({
    key: `k${index}`,
    kind: 'finished' as const,
    sessionId: 's',
    title: '',
    cwd: '',
    text: '',
    count: 1,
    raisedAt: index,
    clearedAt: null,
  }))
  const state = applyAttentionDeltas(
    EMPTY_ATTENTION,
    entries.map((entry) => ({ op: 'put', entry })),
  )
  const parts = attentionStreamKind.snapshotParts(state)
  expect(parts.length).toBeGreaterThan(1)
  expect(applyAttentionDeltas(state, parts.flat())).toEqual(state)
})
