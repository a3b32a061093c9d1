/** Tools that look closer: what changed, what is planned, what it cost, what happened, how the hub is. */
import { z } from 'zod'
import type { approvalSchema } from '../../protocol/approval.ts'
import { sessionId } from '../../protocol/methods/shape.ts'
import { METHODS } from '../../protocol/methods.ts'
import { modelSchema } from '../../protocol/model.ts'
import { planSchema, type warningSchema } from '../../protocol/session-state.ts'
import { problemSchema, tokensSchema } from '../../protocol/summary.ts'
import type { turnSchema } from '../../protocol/turn.ts'
import { stateOf } from '../state.ts'
import { type Tool, tool } from '../tool.ts'
import { clip, fence, Room } from '../untrusted.ts'

const DIFF_UNITS = 30_000

const eventSchema = z.object({
  kind: z.enum(['turn', 'item', 'approval', 'warning']),
  at: z.string().nullable(),
  id: z.string(),
  status: z.string(),
  type: z.string(),
  untrusted: z.object({
    raw: z.string().describe('as Codex sent it and the hub keeps it, JSON, cut where it is long'),
  }),
})

export const LOOKING_TOOLS: readonly Tool[] = [
  tool({
    name: 'get_diff',
    title: 'Read the changes of a session',
    description: 'The unified diff of the newest turn that changed files, in parts.',
    reads: true,
    input: z.strictObject({ sessionId, offset: z.int().min(0).default(0).describe('where the part begins') }),
    output: z.object({
      turnId: z.string().nullable(),
      total: z.int().describe('length of the whole diff'),
      nextOffset: z.int().nullable(),
      untrusted: z.object({ unified: z.string() }),
    }),
    async run(call, { sessionId, offset }) {
      const { turnId, unified } = await call.request('session/diff', { sessionId })
      const part = unified.slice(offset, offset + DIFF_UNITS)
      const end = offset + part.length
      const nextOffset = end < unified.length ? end : null
      const structured = { turnId, total: unified.length, nextOffset, untrusted: { unified: part } }
      const more = nextOffset === null ? '' : `\nMore: offset ${nextOffset}`
      const text = unified === '' ? 'This session changed no files.' : `${fence(sessionId, part)}${more}`
      return { structured, text }
    },
  }),
  tool({
    name: 'get_plan',
    title: 'Read the plan of a session',
    description: 'The newest plan the agent of a session made, step by step; null where it made none.',
    reads: true,
    input: z.strictObject({ sessionId }),
    output: z.object({ turnId: z.string().nullable(), untrusted: z.object({ plan: planSchema.nullable() }) }),
    async run(call, { sessionId }) {
      const { plan } = await stateOf(call, sessionId)
      const room = new Room()
      const bounded = plan && {
        turnId: plan.turnId,
        explanation: plan.explanation === null ? null : room.take(plan.explanation),
        steps: plan.steps.slice(0, 100).map(({ step, status }) => ({ step: room.take(step, 500), status })),
      }
      const lines = bounded?.steps.map(({ step, status }) => `${status}: ${step}`) ?? []
      const text = bounded
        ? fence(sessionId, [bounded.explanation, ...lines].filter(Boolean).join('\n'))
        : 'No plan.'
      return { structured: { turnId: plan?.turnId ?? null, untrusted: { plan: bounded } }, text }
    },
  }),
  tool({
    name: 'get_usage',
    title: 'Read the token use of a session',
    description:
      'Tokens of the whole session and of its newest model call, as Codex last reported them, and rate limits.',
    reads: true,
    input: z.strictObject({ sessionId }),
    output: z.object({
      tokens: tokensSchema.nullable(),
      rateLimits: z.record(z.string(), z.unknown()).nullable(),
    }),
    async run(call, { sessionId }) {
      const { session } = await call.request('session/get', { sessionId })
      const { tokens, rateLimits } = session
      const text = tokens
        ? `${tokens.total.totalTokens} tokens in all (${tokens.total.inputTokens} in, ${tokens.total.cachedInputTokens} of them cached, ${tokens.total.outputTokens} out); newest call ${tokens.last.totalTokens} of a window of ${tokens.contextWindow ?? 'unknown size'}.`
        : 'Codex has reported no tokens for this session.'
      return { structured: { tokens, rateLimits }, text }
    },
  }),
  tool({
    name: 'list_models',
    title: 'List models',
    description: 'The models Codex offers, with the efforts each takes.',
    reads: true,
    input: z.strictObject({ includeHidden: z.boolean().default(false) }),
    output: z.object({ models: z.array(modelSchema) }),
    async run(call, { includeHidden }) {
      const { models } = await call.request('model/list', { includeHidden })
      const lines = models.map(
        ({ id, isDefault, efforts }) => `${id}${isDefault ? ' (default)' : ''}: ${efforts.join(', ')}`,
      )
      return { structured: { models }, text: lines.join('\n') || 'Codex offers no models.' }
    },
  }),
  tool({
    name: 'get_events',
    title: 'Read the newest events of a session',
    description:
      'For debugging: the tail of what the hub holds of a session, turns, items, approvals and warnings in order of time, each as it came from Codex. Deltas are not kept, only what they added up to.',
    reads: true,
    input: z.strictObject({ sessionId, limit: z.int().min(1).max(200).default(40) }),
    output: z.object({
      door: z.string(),
      phase: z.string(),
      codexVersion: z.string().nullable(),
      threadId: z.string().nullable(),
      evidenceAt: z.string().nullable().describe('when Codex last said anything'),
      problem: problemSchema.nullable(),
      events: z.array(eventSchema).describe('oldest first'),
    }),
    async run(call, { sessionId, limit }) {
      const [{ summary, turns, approvals, warnings }, { items }] = await Promise.all([
        stateOf(call, sessionId),
        call.request('session/items', { sessionId, limit }),
      ])
      const found: Found[] = [
        ...turns.map((turn) => turnEvent(turn)),
        ...items.map((item) => ({
          kind: 'item' as const,
          at: item.completedAt ?? item.startedAt,
          id: item.id,
          status: item.status,
          type: item.type,
          raw: item,
        })),
        ...approvals.map((approval) => approvalEvent(approval)),
        ...warnings.map(({ at, message }: z.infer<typeof warningSchema>) => ({
          kind: 'warning' as const,
          at,
          id: '',
          status: 'told',
          type: 'warning',
          raw: message,
        })),
      ]
      const newest = found.toSorted((a, b) => (a.at ?? 0) - (b.at ?? 0)).slice(-limit)
      const room = new Room()
      // The newest get what room there is.
      const events = newest
        .reverse()
        .map(({ raw, at, ...event }) => ({
          ...event,
          at: at === null ? null : new Date(at).toISOString(),
          untrusted: { raw: room.take(JSON.stringify(raw), 1_500) },
        }))
        .reverse()
      const { door, phase, codexVersion, threadId, evidenceAt, problem } = summary
      const structured = {
        door,
        phase,
        codexVersion,
        threadId,
        evidenceAt: evidenceAt === null ? null : new Date(evidenceAt).toISOString(),
        problem: problem && { ...problem, message: clip(problem.message, 1_000) },
        events,
      }
      const lines = events.map(({ at, kind, type, id, status, untrusted }) =>
        [at, kind, type, id, status, untrusted.raw].filter(Boolean).join(' '),
      )
      const head = `${phase} (${door}), Codex ${codexVersion ?? 'unknown'}, thread ${threadId ?? 'none'}, last heard of ${structured.evidenceAt ?? 'never'}`
      return { structured, text: `${head}\n${fence(sessionId, lines.join('\n'))}` }
    },
  }),
  tool({
    name: 'hub_health',
    title: 'How the hub is',
    description: 'Version, Codex, sessions by phase, processes, memory and store of the hub.',
    reads: true,
    input: z.strictObject({}),
    output: METHODS['hub/status'].result,
    async run(call) {
      const status = await call.request('hub/status', {})
      return { structured: status, text: JSON.stringify(status, null, 1) }
    },
  }),
]

interface Found extends Omit<z.infer<typeof eventSchema>, 'at' | 'untrusted'> {
  readonly at: number | null
  readonly raw: unknown
}

function turnEvent(turn: z.infer<typeof turnSchema>): Found {
  const { id, status, startedAt, completedAt } = turn
  return { kind: 'turn', at: completedAt ?? startedAt, id, status, type: 'turn', raw: turn }
}

function approvalEvent(approval: z.infer<typeof approvalSchema>): Found {
  const { id, state, method, requestedAt } = approval
  return { kind: 'approval', at: requestedAt, id, status: state, type: method, raw: approval }
}
