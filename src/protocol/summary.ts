/** The summary of a session: all that a list row shows. Status in it is evidence with age (`evidenceAt`). */
import { z } from 'zod'
import { originSchema } from './agent.ts'
import { settingsSchema } from './settings.ts'

/** How the hub reaches the session; `imported`: not at all, it came as a file and can only be read. */
export const doorSchema = z.enum(['driven', 'attached', 'observed', 'dormant', 'imported'])

/** Whether the Codex process behind a driven session is its own, or one that sessions share. */
export const isolationSchema = z.enum(['process', 'shared'])

/** Life of the session, from its state machine. */
export const phaseSchema = z.enum([
  'dormant',
  'starting',
  'idle',
  'working',
  'awaitingApproval',
  'recovering',
  'parked',
  'stopping',
  'closed',
  'failed',
])

export const attentionSchema = z.object({
  reason: z.enum(['approval', 'question', 'failed', 'finished']),
  since: z.number(),
  count: z.int().min(1),
})

export const tokenCountsSchema = z.object({
  totalTokens: z.number(),
  inputTokens: z.number(),
  cachedInputTokens: z.number(),
  outputTokens: z.number(),
  reasoningOutputTokens: z.number(),
})

export const tokensSchema = z.object({
  /** Of the whole thread, as Codex last reported it: never a sum made here. */
  total: tokenCountsSchema,
  /** Of the newest model call. */
  last: tokenCountsSchema,
  contextWindow: z.number().nullable(),
})

/** Why the session is not as it should be, in words for a person. */
export const problemSchema = z.object({
  code: z.string(),
  message: z.string(),
  at: z.number(),
})

export const gitSchema = z.object({
  branch: z.string().nullable(),
  /** Remote URL without credentials. */
  repository: z.string().nullable(),
  /** Top folder of the work tree. */
  root: z.string().nullable(),
  sha: z.string().nullable(),
})

/** What is known of a subagent, from its own thread. */
export const subagentSchema = z.object({
  /** Codex gives each a name. */
  nickname: z.string().nullable(),
  role: z.string().nullable(),
  /** 1: started by a session of a person; 2: by one of those; and so on. */
  depth: z.int().nullable(),
  state: z.enum(['running', 'completed', 'interrupted', 'failed']),
  /** Its last words, shortened, once it has completed. */
  result: z.string().nullable(),
})

export const summarySchema = z.object({
  id: z.string(),
  threadId: z.string().nullable(),
  /** Codex's `Thread.sessionId`: the tree of threads this one belongs to. */
  codexSessionId: z.string().nullable(),
  /** Set when this session is a fork: the thread it came from. */
  forkedFromThreadId: z.string().nullable(),
  door: doorSchema,
  phase: phaseSchema,
  /** A name given by a person or Codex; else the first prompt, shortened; else a slug. Never empty. */
  title: z.string(),
  titleSource: z.enum(['name', 'prompt', 'slug']),
  cwd: z.string(),
  git: gitSchema.nullable(),
  settings: settingsSchema,
  codexVersion: z.string().nullable(),
  /** Null where no process of the hub runs for it. */
  isolation: isolationSchema.nullable(),
  /** Names of hub commands that work on this session now (L13). */
  capabilities: z.array(z.string()),
  attention: attentionSchema.nullable(),
  problem: problemSchema.nullable(),
  /** What can be said of its state from here beyond the phase, for a person: "Silent for 3 min." */
  note: z.string().nullable(),
  /** Set while its history is being read from a file. Bytes. */
  reading: z.object({ read: z.number(), total: z.number() }).nullable(),
  /** The thread that started this one as a subagent; such sessions are shown under its session. */
  parentThreadId: z.string().nullable(),
  /** Set when this session was made to review for another one, whose the findings are. */
  reviewOf: z.object({ sessionId: z.string(), threadId: z.string() }).optional(),
  /** Set when an agent made this session over MCP. */
  createdBy: originSchema.optional(),
  /** Set when the session came as a file from another hub: where from, and what it was there. */
  imported: z
    .object({
      at: z.number(),
      exportedAt: z.number(),
      hub: z.object({ id: z.string(), version: z.string() }),
      threadId: z.string().nullable(),
    })
    .nullable(),
  /** Null for all others. */
  subagent: subagentSchema.nullable(),
  counters: z.object({ turns: z.int(), items: z.int(), prompts: z.int(), tools: z.int() }),
  lastTool: z.string().nullable(),
  firstPrompt: z.string().nullable(),
  /** Newest text of the agent, shortened. */
  lastMessage: z.string().nullable(),
  tokens: tokensSchema.nullable(),
  /** Codex's `RateLimitSnapshot`, as it came. */
  rateLimits: z.record(z.string(), z.unknown()).nullable(),
  /** Turns that ended since somebody last read the session. */
  unread: z.int().min(0),
  /** Prompts that wait in its queue, and whether they are held; absent or null: none. */
  queue: z.object({ entries: z.int(), isHeld: z.boolean() }).nullable().optional(),
  archived: z.boolean(),
  createdAt: z.number(),
  /** When the session last changed in a way a person would notice. */
  updatedAt: z.number(),
  /** When Codex last said anything about it; null before that. */
  evidenceAt: z.number().nullable(),
})

export type Summary = z.infer<typeof summarySchema>
export type Subagent = z.infer<typeof subagentSchema>
export type Door = z.infer<typeof doorSchema>
export type Isolation = z.infer<typeof isolationSchema>
export type Phase = z.infer<typeof phaseSchema>
export type Attention = z.infer<typeof attentionSchema>
export type Tokens = z.infer<typeof tokensSchema>
export type Problem = z.infer<typeof problemSchema>
export type Git = z.infer<typeof gitSchema>
