/** Tools that steer, stop, copy, name and put away sessions, and that answer what they wait for. */
import { z } from 'zod'
import { approvalAnswerSchema } from '../../protocol/approval.ts'
import { sessionId } from '../../protocol/methods/shape.ts'
import { settingsRequestSchema } from '../../protocol/settings.ts'
import type { Summary } from '../../protocol/summary.ts'
import {
  briefOf,
  briefSchema,
  briefText,
  byAttention,
  waitingOf,
  waitingSchema,
  waitingText,
} from '../brief.ts'
import { everySession } from '../session-pages.ts'
import { type Tool, tool } from '../tool.ts'

const turnId = z.string().max(200).optional()
const one = z.object({ session: briefSchema })
const turn = z.object({ sessionId: z.string(), turnId: z.string() })

/** Approvals of more sessions than this are a list for `list_sessions`. */
const MOST_WAITING = 50

export const LIFE_TOOLS: readonly Tool[] = [
  tool({
    name: 'steer_turn',
    title: 'Tell a running turn more',
    description:
      'Add a message to the turn that runs in a session. Refused when none runs, or another than expected.',
    reads: false,
    input: z.strictObject({ sessionId, text: z.string().min(1).max(200_000), expectedTurnId: turnId }),
    output: turn,
    async run(call, { sessionId, text, expectedTurnId }) {
      const input = [{ type: 'text' as const, text }]
      const { turnId } = await call.command('session/steer', { sessionId, input, expectedTurnId })
      return { structured: { sessionId, turnId }, text: `Told turn ${turnId} of ${sessionId}.` }
    },
  }),
  tool({
    name: 'interrupt_turn',
    title: 'Interrupt a turn',
    description: 'Stop the turn that runs in a session. What it has done stays done.',
    reads: false,
    destroys: true,
    input: z.strictObject({ sessionId, turnId }),
    output: turn,
    async run(call, { sessionId, turnId }) {
      const stopped = await call.command('session/interrupt', { sessionId, turnId })
      return {
        structured: { sessionId, turnId: stopped.turnId },
        text: `Interrupted turn ${stopped.turnId}.`,
      }
    },
  }),
  tool({
    name: 'list_approvals',
    title: 'List what waits for an answer',
    description: 'Approvals and questions that sessions wait for, with the ways to answer each.',
    reads: true,
    input: z.strictObject({ sessionId: sessionId.optional().describe('only of this session') }),
    output: z.object({ waiting: z.array(waitingSchema.extend({ sessionId: z.string() })) }),
    async run(call, { sessionId }) {
      const isWaiting = ({ attention }: Summary) =>
        attention?.reason === 'approval' || attention?.reason === 'question'
      const ids =
        sessionId === undefined
          ? (await everySession(call, { archived: false }))
              .filter(isWaiting)
              .toSorted(byAttention)
              .slice(0, MOST_WAITING)
              .map(({ id }) => id)
          : [sessionId]
      const waiting = await Promise.all(
        ids.map(async (id) => {
          const { approvals } = await call.request('session/get', { sessionId: id })
          const pending = approvals.filter(({ state }) => state === 'pending')
          return pending.map((approval) => ({ sessionId: id, ...waitingOf(approval) }))
        }),
      )
      const all = waiting.flat()
      const lines = all.map((each) => `${each.sessionId} ${waitingText(each.sessionId, [each])}`)
      return { structured: { waiting: all }, text: lines.join('\n') || 'Nothing waits for an answer.' }
    },
  }),
  tool({
    name: 'respond_to_approval',
    title: 'Answer an approval',
    description:
      'Answer what a session waits for with one of its choices. Needs to be granted by a person; what the calling session itself, or one that made it, waits for is never answered this way.',
    reads: false,
    destroys: true,
    input: z.strictObject({
      sessionId,
      approvalId: z.string().min(1).max(300),
      ...approvalAnswerSchema.shape,
    }),
    output: z.object({
      sessionId: z.string(),
      approvalId: z.string(),
      state: z.string(),
      choice: z.string().nullable(),
    }),
    async run(call, { sessionId, approvalId, choice, answers, content }) {
      const answer = { choice, answers, content }
      const { approval } = await call.command('approval/decide', { sessionId, approvalId, answer })
      const decided = approval.outcome?.choice ?? null
      return {
        structured: { sessionId, approvalId, state: approval.state, choice: decided },
        text: `${approvalId} of ${sessionId}: ${approval.state}, ${decided ?? 'not chosen here'}.`,
      }
    },
  }),
  tool({
    name: 'fork_session',
    title: 'Fork a session',
    description:
      'A new session with the past of another one, whoever has that open; the way to go on beside a session that is only observed.',
    reads: false,
    input: z.strictObject({
      sessionId,
      throughTurnId: turnId.describe('the last turn that is taken along; left out: all that ended'),
      cwd: z
        .string()
        .min(1)
        .max(4_096)
        .optional()
        .describe('absolute path; left out: the folder of the other session'),
      name: z.string().min(1).max(200).optional(),
      settings: settingsRequestSchema.optional(),
    }),
    output: one,
    async run(call, args) {
      return told((await call.command('session/fork', args)).session)
    },
  }),
  tool({
    name: 'rename_session',
    title: 'Rename a session',
    description: 'Give a session a name, here and in Codex.',
    reads: false,
    input: z.strictObject({ sessionId, name: z.string().trim().min(1).max(200) }),
    output: one,
    async run(call, args) {
      return told((await call.command('session/rename', args)).session)
    },
  }),
  tool({
    name: 'archive_session',
    title: 'Archive a session',
    description: 'Put a session away, here and in Codex, or bring it back.',
    reads: false,
    destroys: true,
    input: z.strictObject({
      sessionId,
      archived: z.boolean().default(true).describe('false brings it back'),
    }),
    output: one,
    async run(call, { sessionId, archived }) {
      const method = archived ? 'session/archive' : 'session/unarchive'
      return told((await call.command(method, { sessionId })).session)
    },
  }),
  tool({
    name: 'end_session',
    title: 'End a session',
    description: "Interrupt what runs and end the session's process. A later message resumes it.",
    reads: false,
    destroys: true,
    input: z.strictObject({
      sessionId,
      force: z.boolean().default(false).describe('without waiting for the turn to stop'),
    }),
    output: one,
    async run(call, args) {
      return told((await call.command('session/end', args)).session)
    },
  }),
]

function told(summary: Summary) {
  const session = briefOf(summary)
  return { structured: { session }, text: briefText(session) }
}
