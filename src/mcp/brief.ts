/** A session as agents see it: the facts they decide on, and apart from those what its people and agents wrote. */
import { z } from 'zod'
import type { Approval } from '../protocol/approval.ts'
import { attentionSchema, doorSchema, phaseSchema, problemSchema, type Summary } from '../protocol/summary.ts'
import { clip, fence } from './untrusted.ts'

const LINE_UNITS = 200

export const briefSchema = z.object({
  id: z.string(),
  phase: phaseSchema,
  door: doorSchema.describe(
    'driven and attached sessions take commands; observed ones only show; dormant ones resume',
  ),
  attention: attentionSchema
    .nullable()
    .describe('why it needs somebody: an approval, a question, a failure, an end'),
  cwd: z.string(),
  model: z.string().nullable(),
  branch: z.string().nullable(),
  can: z.array(z.string()).describe('what works on it now'),
  turns: z.int(),
  unread: z.int(),
  archived: z.boolean(),
  createdAt: z.string(),
  updatedAt: z.string(),
  problem: problemSchema.nullable(),
  untrusted: z.object({ title: z.string(), lastMessage: z.string().nullable(), note: z.string().nullable() }),
})

export type Brief = z.infer<typeof briefSchema>

export function briefOf(summary: Summary): Brief {
  const { id, phase, door, attention, cwd, git, settings, capabilities, counters } = summary
  const { title, lastMessage, note, problem } = summary
  return {
    id,
    phase,
    door,
    attention,
    cwd,
    model: settings.model,
    branch: git?.branch ?? null,
    can: capabilities,
    turns: counters.turns,
    unread: summary.unread,
    archived: summary.archived,
    createdAt: new Date(summary.createdAt).toISOString(),
    updatedAt: new Date(summary.updatedAt).toISOString(),
    problem: problem && { ...problem, message: clip(problem.message, 1_000) },
    untrusted: {
      title: clip(title, LINE_UNITS),
      lastMessage: lastMessage === null ? null : clip(lastMessage, LINE_UNITS),
      note,
    },
  }
}

/** One line of facts, then the fenced words. */
export function briefText(brief: Brief): string {
  const { id, phase, door, attention, cwd, model, updatedAt, problem, untrusted } = brief
  const needs = attention ? `, needs: ${attention.reason}` : ''
  const facts = `${id}: ${phase} (${door})${needs}; ${cwd}${model === null ? '' : `; ${model}`}; updated ${updatedAt}`
  const words = [untrusted.title, untrusted.lastMessage, untrusted.note, problem?.message].filter(Boolean)
  return `${facts}\n${fence(id, words.join('\n'))}`
}

const RANKS = { approval: 0, question: 0, failed: 1, finished: 2 } as const

/** What needs somebody first, then what runs, then the newest. */
export function byAttention(a: Summary, b: Summary): number {
  return rank(a) - rank(b) || b.updatedAt - a.updatedAt || (a.id < b.id ? -1 : 1)
}

function rank({ attention, phase }: Summary): number {
  if (attention) return RANKS[attention.reason]
  return phase === 'working' || phase === 'starting' ? 3 : 4
}

export const waitingSchema = z.object({
  approvalId: z.string(),
  kind: z.string(),
  choices: z.array(
    z.object({ id: z.string(), effect: z.string(), scope: z.string(), needs: z.string().nullable() }),
  ),
  requestedAt: z.string(),
  untrusted: z.object({
    title: z.string(),
    reason: z.string().nullable(),
    questions: z.array(z.unknown()).optional(),
  }),
})

/** An approval that waits, with the ways to answer it. */
export function waitingOf({
  id,
  kind,
  choices,
  requestedAt,
  title,
  reason,
  params,
}: Approval): z.infer<typeof waitingSchema> {
  const { questions } = params as { questions?: unknown }
  return {
    approvalId: id,
    kind,
    choices: choices.map((choice) => ({
      id: choice.id,
      effect: choice.effect,
      scope: choice.scope,
      needs: choice.needs,
    })),
    requestedAt: new Date(requestedAt).toISOString(),
    untrusted: {
      title: clip(title),
      reason: reason === null ? null : clip(reason),
      ...(Array.isArray(questions) ? { questions: JSON.parse(clip1(JSON.stringify(questions))) } : {}),
    },
  }
}

/** Questions as they came, or none where they are too large to be shown whole. */
const clip1 = (json: string): string => (json.length > 8_000 ? '[]' : json)

export function waitingText(sessionId: string, waiting: readonly z.infer<typeof waitingSchema>[]): string {
  return waiting
    .map(({ approvalId, kind, choices, untrusted }) => {
      const ways = choices.map(
        ({ id, effect, needs }) => `${id} (${effect}${needs ? `, needs ${needs}` : ''})`,
      )
      const words = [untrusted.title, untrusted.reason].filter(Boolean).join('\n')
      return `waits for ${kind} ${approvalId}; choices: ${ways.join(', ')}\n${fence(sessionId, words)}`
    })
    .join('\n')
}
