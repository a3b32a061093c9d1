/**
 * The attention log: everything that asked for a person, in the order in which it did, and when that was over. A stream;
 * the hub and clients fold it with the same function. Pure.
 */
import { z } from 'zod'

export const attentionKindSchema = z.enum([
  /** Codex waits for a decision. */
  'approval',
  /** Codex waits for an answer in words. */
  'question',
  /** A turn ended and nobody has looked. */
  'finished',
  'failed',
  /** A turn runs, and nothing was heard of it for long. */
  'stalled',
  /** A limit of the account is used up. */
  'rateLimited',
  /** Codex is not logged in. */
  'login',
])

export const attentionEntrySchema = z.object({
  /** The same need has the same key, whoever tells of it and however often: what was told once need not be again. */
  key: z.string(),
  kind: attentionKindSchema,
  sessionId: z.string(),
  /** Of the session, when it asked. */
  title: z.string(),
  cwd: z.string(),
  /** What is needed, or what happened; one line. */
  text: z.string(),
  /** How many of the kind wait in the session. */
  count: z.int().min(1),
  raisedAt: z.number(),
  /** When it was over: answered, read, gone on. Null: it asks still. */
  clearedAt: z.number().nullable(),
  /** How it was over, in words, where that is known: who decided what, or why nobody has to. */
  outcome: z.string().optional(),
  /** Of `finished`: the turn did not get to its end, since somebody stopped it or declined what it asked. */
  isInterrupted: z.literal(true).optional(),
})

export const attentionDeltaSchema = z.discriminatedUnion('op', [
  /** Start over with nothing. First of every snapshot. */
  z.object({ op: z.literal('reset') }),
  /** Insert or replace by key. */
  z.object({ op: z.literal('put'), entry: attentionEntrySchema }),
  z.object({ op: z.literal('drop'), key: z.string() }),
])

export type AttentionEntry = z.infer<typeof attentionEntrySchema>
export type AttentionKind = z.infer<typeof attentionKindSchema>
export type AttentionDelta = z.infer<typeof attentionDeltaSchema>

export interface AttentionState {
  /** By key, in the order in which they were first raised. */
  readonly entries: ReadonlyMap<string, AttentionEntry>
}

export const EMPTY_ATTENTION: AttentionState = { entries: new Map() }

/** Fold deltas onto the log. **Invariant:** a pure function of its arguments, or clients and hub drift apart. */
export function applyAttentionDeltas(
  state: AttentionState,
  deltas: readonly AttentionDelta[],
): AttentionState {
  const entries = new Map(state.entries)
  for (const delta of deltas) {
    if (delta.op === 'reset') entries.clear()
    else if (delta.op === 'put') entries.set(delta.entry.key, delta.entry)
    else entries.delete(delta.key)
  }
  return { entries }
}
