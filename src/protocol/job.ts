/**
 * Jobs: what Codex does for a client outside of any session and takes its time for: a quick command, a login. Its state is
 * a stream; the hub and clients fold it with the same function. Pure.
 */
import { z } from 'zod'
import { applyPatch } from './fields.ts'

export const jobSchema = z.object({
  id: z.string(),
  /** `command`: a quick command; `login`: the account of a home; `mcpLogin`: an MCP server. Open set. */
  kind: z.string(),
  /** The command line, or what it logs in to; for a person. */
  title: z.string(),
  /** `completed`: it came to its end, whatever its exit code. */
  status: z.enum(['running', 'completed', 'failed', 'cancelled']),
  /** Why it failed. */
  problem: z.string().nullable(),
  /** Of a command that came to its end. */
  exitCode: z.int().nullable(),
  /** Where a person logs in. */
  url: z.string().nullable(),
  /** What a person enters there. */
  userCode: z.string().nullable(),
  /** Names of hub methods that work on it now. */
  capabilities: z.array(z.string()),
  startedAt: z.number(),
  endedAt: z.number().nullable(),
})

const piece = z.object({ stream: z.enum(['stdout', 'stderr']), text: z.string() })

export const jobStateSchema = z.object({
  job: jobSchema,
  /** In the order in which it came; neighbours are of different streams. */
  output: z.array(piece),
  /** How much of the output's beginning is held no more. UTF-16 units. */
  dropped: z.int(),
})

export const jobDeltaSchema = z.discriminatedUnion('op', [
  /** Start over with this state and no output. First of every snapshot. */
  z.object({ op: z.literal('reset'), job: jobSchema, dropped: z.int() }),
  z.object({ op: z.literal('job'), patch: jobSchema.partial() }),
  /** More output. */
  z.object({ op: z.literal('output'), stream: piece.shape.stream, text: z.string() }),
])

export type Job = z.infer<typeof jobSchema>
export type JobState = z.infer<typeof jobStateSchema>
export type JobDelta = z.infer<typeof jobDeltaSchema>
export type OutputPiece = z.infer<typeof piece>

/** So much of the newest output is held. UTF-16 units. */
export const OUTPUT_LIMIT = 512 * 1024

/** A state to fold a snapshot's first `reset` onto. Its job is never read. */
export const EMPTY_JOB: JobState = { job: {} as Job, output: [], dropped: 0 }

/** Fold deltas onto a job, in order. **Invariant:** what is held depends on the output only, never on its pieces. */
export function applyJobDeltas(state: JobState, deltas: readonly JobDelta[]): JobState {
  let next = state
  for (const delta of deltas) {
    if (delta.op === 'reset') next = { job: delta.job, output: [], dropped: delta.dropped }
    else if (delta.op === 'job') next = { ...next, job: applyPatch(next.job, delta.patch) }
    else if (delta.op === 'output') next = withOutput(next, delta)
  }
  return next
}

function withOutput(state: JobState, { stream, text }: OutputPiece): JobState {
  if (text === '') return state
  const output = [...state.output]
  const last = output.at(-1)
  if (last?.stream === stream) output[output.length - 1] = { stream, text: last.text + text }
  else output.push({ stream, text })
  let surplus = output.reduce((sum, piece) => sum + piece.text.length, 0) - OUTPUT_LIMIT
  let { dropped } = state
  while (surplus > 0 && output[0]) {
    const [first] = output
    const cut = Math.min(surplus, first.text.length)
    if (cut === first.text.length) output.shift()
    else output[0] = { ...first, text: first.text.slice(cut) }
    surplus -= cut
    dropped += cut
  }
  return { ...state, output, dropped }
}
