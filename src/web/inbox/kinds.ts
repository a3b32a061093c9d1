/** What asks for a person, in words and in colours. */
import type { AttentionKind } from '../../protocol/attention.ts'

export const WORDS: Record<AttentionKind, string> = {
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
