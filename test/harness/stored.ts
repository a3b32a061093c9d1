/** Values as the store keeps them, whole and valid, with what a test cares about put in. */

import type {
  Receipt,
  StoredAgent,
  StoredDetails,
  StoredHold,
  StoredProcess,
  StoredSession,
} from '../../src/persistence/stored.ts'
import type { AuditRow } from '../../src/protocol/agent.ts'
import type { Approval } from '../../src/protocol/approval.ts'
import type { Item } from '../../src/protocol/item.ts'
import type { Prompt, QueueEntry } from '../../src/protocol/queue.ts'
import type { Summary } from '../../src/protocol/summary.ts'
import type { Turn } from '../../src/protocol/turn.ts'

export const summaryOf = (id: string, over: Partial<Summary> = {}): Summary => ({
  id,
  threadId: `thread-of-${id}`,
  codexSessionId: null,
  forkedFromThreadId: null,
  door: 'dormant',
  phase: 'dormant',
  title: `Session ${id}`,
  titleSource: 'slug',
  cwd: '/home/dev/project',
  git: null,
  settings: {
    model: 'm',
    modelProvider: null,
    effort: null,
    approvalPolicy: { granular: true },
    sandbox: null,
  },
  codexVersion: '0.169.0',
  isolation: null,
  capabilities: ['session/send'],
  attention: null,
  problem: null,
  note: null,
  reading: null,
  parentThreadId: null,
  imported: null,
  subagent: null,
  counters: { turns: 1, items: 2, prompts: 1, tools: 0 },
  lastTool: null,
  firstPrompt: 'Fix the “bug”\u2028 please',
  lastMessage: null,
  tokens: null,
  rateLimits: { constructor: 1, ['__proto__']: 2 },
  unread: 0,
  archived: false,
  createdAt: 1_000,
  updatedAt: 2_000.25,
  evidenceAt: null,
  ...over,
})

export const sessionOf = (id: string, over: Partial<Summary> = {}): StoredSession => ({
  summary: summaryOf(id, over),
  rolloutPath: `/rollouts/${id}.jsonl`,
  codexHome: null,
  untold: {},
  wanted: { model: 'wanted', approvalPolicy: 'never' },
  isolation: null,
  nextSeq: { turn: 3, item: 7 },
})

export const detailsOf = (text: string): StoredDetails => ({
  plan: { turnId: 'turn-1', explanation: null, steps: [{ step: text, status: 'pending' }] },
  diff: { turnId: 'turn-1', unified: text, cut: 90, files: [{ path: 'a.ts', added: 1, removed: 0 }] },
  unifiedDiff: `${text} and the rest`,
  warnings: [{ message: text, at: 5 }],
})

export const turnOf = (seq: number, over: Partial<Turn> = {}): Turn => ({
  id: `turn-${seq}`,
  seq,
  status: 'completed',
  error: null,
  startedAt: 10,
  completedAt: 20.5,
  model: 'm',
  effort: null,
  ...over,
})

export const itemOf = (seq: number, over: Partial<Item> = {}): Item => ({
  id: `item-${seq}`,
  turnId: 'turn-1',
  seq,
  type: 'agentMessage',
  status: 'completed',
  startedAt: 11,
  completedAt: null,
  body: { text: `text ${seq}`, nested: { list: [1, null, 'ü\u0000\ud83d\ude00'] } },
  ...over,
})

export const approvalOf = (id: string, over: Partial<Approval> = {}): Approval => ({
  id,
  kind: 'command',
  state: 'pending',
  turnId: 'turn-1',
  itemId: null,
  title: 'rm -rf build',
  reason: null,
  choices: [{ id: 'accept', label: 'Allow', effect: 'allow', scope: 'once', needs: null }],
  method: 'item/commandExecution/requestApproval',
  params: { command: ['rm', '-rf', 'build'] },
  requestedAt: 30,
  outcome: null,
  ...over,
})

export const decidedOf = (id: string): Approval =>
  approvalOf(id, {
    state: 'decided',
    outcome: {
      choice: 'accept',
      by: { clientId: 'phone', name: 'Ada' },
      at: 42,
      waitedMs: 12,
      why: null,
    },
  })

export const receiptOf = (commandId: string, over: Partial<Receipt> = {}): Receipt => ({
  commandId,
  method: 'session/send',
  paramsHash: 'hash',
  clientId: 'phone',
  sessionId: 's1',
  state: 'done',
  answer: { turnId: 'turn-1' },
  at: Date.now(),
  ...over,
})

export const promptOf = (prompt: string): Prompt => ({
  input: [{ type: 'text', text: prompt }],
  settings: { effort: 'low' },
  cwd: null,
  outputSchema: { type: 'object' },
})

export const queueEntryOf = (id: string, over: Partial<QueueEntry> = {}): QueueEntry => ({
  id,
  seq: 0,
  state: 'waiting',
  text: 'later',
  attachments: 0,
  bytes: 90,
  settings: { effort: 'low' },
  cwd: null,
  hasOutputSchema: true,
  notBefore: 5_000.5,
  by: { clientId: 'phone', name: 'Ada' },
  createdAt: 60,
  edition: 1,
  problem: null,
  ...over,
})

export const holdOf = (reason: string): StoredHold => ({
  hold: { reason, message: 'Why.', by: null, at: 61 },
  sent: [{ id: 'e0', turnId: 'turn-1', at: 62 }],
  pastTurnId: 'turn-1',
})

export const processOf = (id: string, over: Partial<StoredProcess> = {}): StoredProcess => ({
  id,
  pid: 4_242,
  startToken: 'boot:99',
  socketPath: '/run/hub/a.sock',
  sessionId: null,
  sharedBy: null,
  warden: null,
  hubId: 'hub-1',
  codexPath: '/usr/bin/codex',
  codexVersion: null,
  codexHome: null,
  startedAt: 50,
  ...over,
})

export function agentOf(name: string): StoredAgent {
  return {
    name,
    grants: [{ scope: 'operate', project: '/w' }],
    tokenDigest: null,
    createdAt: 5,
    revokedAt: null,
  }
}

export function auditOf(id: string, over: Partial<AuditRow> = {}): AuditRow {
  const about = { sessionId: 's1', callerSessionId: null, outcome: 'done' as const, error: null, tookMs: 3 }
  return { id, at: 5, agent: 'codex', tool: 'get_session', ...about, ...over }
}
