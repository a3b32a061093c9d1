/** Tools that make sessions, give them work and wait for it. */
import { z } from 'zod'
import { sessionId } from '../../protocol/methods/shape.ts'
import { settingsRequestSchema } from '../../protocol/settings.ts'
import { turnSchema } from '../../protocol/turn.ts'
import { briefOf, briefSchema, briefText, waitingOf, waitingSchema, waitingText } from '../brief.ts'
import { BadArgumentsError } from '../failure.ts'
import { itemText } from '../item-brief.ts'
import { type Tool, type ToolCall, tool } from '../tool.ts'
import { fence, Room } from '../untrusted.ts'
import { type Waited, type WaitUntil, waitFor } from '../wait.ts'

/** Below the time after which MCP clients commonly give a tool up. */
const WAIT_SECONDS = 50

const text = z.string().min(1).max(200_000)
const wait = z
  .enum(['none', 'turn', 'attention'])
  .default('attention')
  .describe(
    'none: return at once; turn: until the turn ends; attention: until it ends or somebody must answer something',
  )
const timeoutSeconds = z
  .int()
  .min(1)
  .max(3_600)
  .default(WAIT_SECONDS)
  .describe('how long to wait; after that the session goes on, and wait_for_session waits again')

const waited = z.object({
  session: briefSchema,
  turnId: z.string().nullable(),
  outcome: z
    .enum(['started', 'turnEnded', 'needsAttention', 'timeout'])
    .describe('started: not waited for; timeout: it goes on'),
  turn: turnSchema.pick({ id: true, status: true, error: true }).nullable(),
  waitsFor: z.array(waitingSchema),
  untrusted: z.object({ reply: z.string().nullable().describe('what its agent said in this turn') }),
})

export const WORK_TOOLS: readonly Tool[] = [
  tool({
    name: 'create_session',
    title: 'Create a session',
    description:
      'Start a Codex session in a folder, with a first prompt if one is given. Without settings those of Codex are used; an agent that is a session itself gives no more than it has.',
    reads: false,
    input: z.strictObject({
      cwd: z
        .string()
        .min(1)
        .max(4_096)
        .optional()
        .describe('absolute path; left out: the folder of the calling session'),
      prompt: text.optional(),
      name: z.string().min(1).max(200).optional(),
      settings: settingsRequestSchema.optional(),
      wait,
      timeoutSeconds,
    }),
    output: waited,
    async run(call, { cwd, prompt, name, settings, wait: until, timeoutSeconds: seconds }) {
      const folder = cwd ?? call.cwd
      if (folder === null) throw new BadArgumentsError('create_session: cwd is needed, an absolute path.')
      const { session, turnId } = await call.command('session/create', {
        cwd: folder,
        ...(name === undefined ? {} : { name }),
        ...(settings === undefined ? {} : { settings }),
        ...(prompt === undefined ? {} : { input: [{ type: 'text', text: prompt }] }),
      })
      return after(call, session.id, turnId, turnId === null ? 'none' : until, seconds)
    },
  }),
  tool({
    name: 'send_message',
    title: 'Send a message',
    description:
      'Send a prompt to a session and wait for what comes of it. A session whose turn runs refuses it: wait_for_session first, or steer_turn.',
    reads: false,
    input: z.strictObject({ sessionId, text, wait, timeoutSeconds }),
    output: waited,
    async run(call, { sessionId, text: prompt, wait: until, timeoutSeconds: seconds }) {
      const { turnId } = await call.command('session/send', {
        sessionId,
        input: [{ type: 'text', text: prompt }],
        // An agent that waits wants to know what for.
        whenBusy: 'reject',
      })
      return after(call, sessionId, turnId, until, seconds)
    },
  }),
  tool({
    name: 'wait_for_session',
    title: 'Wait for a session',
    description: 'Wait until the running turn of a session ends, or until somebody must answer something.',
    reads: true,
    input: z.strictObject({
      sessionId,
      until: z.enum(['turn', 'attention']).default('attention'),
      turnId: z.string().max(200).optional().describe('this turn; left out: whatever runs now'),
      timeoutSeconds,
    }),
    output: waited,
    async run(call, { sessionId, until, turnId, timeoutSeconds: seconds }) {
      return after(call, sessionId, turnId ?? null, until, seconds)
    },
  }),
]

async function after(
  call: ToolCall,
  sessionId: string,
  turnId: string | null,
  until: WaitUntil | 'none',
  seconds: number,
) {
  if (until === 'none')
    return answer(call, sessionId, turnId, { outcome: 'started', state: null, turn: null })
  const options = { sessionId, until, turnId, timeoutMs: seconds * 1_000 }
  return answer(call, sessionId, turnId, await waitFor(call, options))
}

async function answer(
  call: ToolCall,
  sessionId: string,
  turnId: string | null,
  { outcome, state, turn }: Omit<Waited, 'outcome'> & { outcome: Waited['outcome'] | 'started' },
) {
  const { session, approvals } = state
    ? { session: state.summary, approvals: state.approvals }
    : await call.request('session/get', { sessionId })
  const of = turn?.id ?? turnId
  const said = (state?.items ?? [])
    .filter((item) => item.turnId === of && item.type === 'agentMessage')
    .map(itemText)
  const reply = said.length === 0 ? null : new Room().take(said.join('\n\n'), REPLY_UNITS)
  const brief = briefOf(session)
  const waitsFor = approvals.filter((approval) => approval.state === 'pending').map(waitingOf)
  const structured = {
    session: brief,
    turnId: of,
    outcome,
    turn: turn && { id: turn.id, status: turn.status, error: turn.error },
    waitsFor,
    untrusted: { reply },
  }
  const parts = [
    `${outcome}${turn ? `; turn ${turn.id}: ${turn.status}` : ''}${turn?.error ? ` (${turn.error.message})` : ''}`,
    briefText(brief),
    waitingText(sessionId, waitsFor),
    reply === null ? '' : fence(sessionId, reply),
    outcome === 'timeout' ? 'It goes on. wait_for_session waits again.' : '',
  ]
  return { structured, text: parts.filter((part) => part !== '').join('\n') }
}

const REPLY_UNITS = 20_000
