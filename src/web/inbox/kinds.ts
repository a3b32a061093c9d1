/** What asks for a person, in words and in colours. */
import type { AttentionEntry, AttentionKind } from '../../protocol/attention.ts'

const WORDS: Record<AttentionKind, string> = {
  approval: 'needs your approval',
  question: 'asks you something',
  finished: 'is done',
  failed: 'failed',
  stalled: 'has gone silent',
  rateLimited: 'has used up its limit',
  login: 'needs a login',
}

/** Classes of the dot before it. */
export const TONES: Record<AttentionKind, string> = {
  approval: 'waiting',
  question: 'waiting',
  finished: 'finished',
  failed: 'failed',
  stalled: 'waiting',
  rateLimited: 'failed',
  login: 'failed',
}

/** What happened, to go on after the session's title. */
export function wordsOf({ kind, isInterrupted }: Pick<AttentionEntry, 'kind' | 'isInterrupted'>): string {
  return isInterrupted ? 'was stopped' : WORDS[kind]
}
