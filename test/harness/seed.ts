/** Fills a store as months of work would: many sessions, or one very long one. Nothing of it needs a Codex. */
import type { Store } from '../../src/persistence/store.ts'
import type { StoredSession } from '../../src/persistence/stored.ts'
import type { Item } from '../../src/protocol/item.ts'
import { sessionOf } from './stored.ts'

const DAY_MS = 24 * 3_600_000

const PROJECTS = ['shop', 'api-gateway', 'billing', 'mobile-app', 'docs', 'infra', 'search', 'design-system']
const TASKS = [
  'Fix the flaky checkout test',
  'Why does the build take nine minutes?',
  'Add pagination to the orders endpoint',
  'Upgrade to Node 24 and drop the polyfills',
  'Write the migration for the new address table',
  'Review the retry logic of the payment client',
]

/** Sessions of many projects, newest first, all dormant. */
export function manySessions(count: number, now = Date.now()): StoredSession[] {
  return Array.from({ length: count }, (_, index) => {
    const project = PROJECTS[index % PROJECTS.length]
    const at = now - index * (DAY_MS / 40)
    return sessionOf(`ses_${String(index).padStart(26, '0')}`, {
      title: `${TASKS[index % TASKS.length]} (${index})`,
      titleSource: 'prompt',
      cwd: `/home/dev/${project}`,
      git: { branch: index % 3 === 0 ? 'main' : `feature/${index}`, repository: null, root: null, sha: null },
      settings: {
        model: 'gpt-5.5',
        modelProvider: null,
        effort: null,
        approvalPolicy: 'on-request',
        sandbox: null,
      },
      counters: { turns: 3, items: 24, prompts: 3, tools: 9 },
      createdAt: at - 3_600_000,
      updatedAt: at,
      rateLimits: null,
    })
  })
}

/** Items of one session: prompts, answers with code, commands with output and patches, oldest first. */
export function manyItems(count: number, start = Date.now() - DAY_MS): Item[] {
  return Array.from({ length: count }, (_, seq) => {
    const at = start + seq * 1_000
    const common = {
      id: `item-${seq}`,
      turnId: `turn-${Math.floor(seq / 5)}`,
      seq,
      startedAt: at,
      completedAt: at + 400,
    }
    return { ...common, status: 'completed', ...contentOf(seq) } as Item
  })
}

function contentOf(seq: number): Pick<Item, 'type' | 'body'> {
  switch (seq % 5) {
    case 0:
      return { type: 'userMessage', body: { content: [{ type: 'text', text: `prompt ${seq}` }] } }
    case 1:
      return { type: 'reasoning', body: { summary: [`**Thinking about ${seq}**`], content: [] } }
    case 2:
      return {
        type: 'commandExecution',
        body: {
          command: `rg -n "item ${seq}" src`,
          cwd: '/home/dev/shop',
          exitCode: 0,
          durationMs: 40,
          aggregatedOutput: `src/a.ts:${seq}: found\n`.repeat(1 + (seq % 7)),
        },
      }
    case 3:
      return {
        type: 'fileChange',
        body: {
          changes: [
            {
              path: '/home/dev/shop/src/a.ts',
              kind: { type: 'update', move_path: null },
              diff: `@@ -1,2 +1,2 @@\n-const a = ${seq}\n+const a = ${seq + 1}\n console.log(a)\n`,
            },
          ],
        },
      }
    default:
      return {
        type: 'agentMessage',
        body: {
          text: `Answer ${seq}: the *reason* is in \`src/a.ts\`.\n\n${'It is read twice and written once. '.repeat(1 + (seq % 9))}\n\n\`\`\`ts\nexport const item = ${seq}\n\`\`\``,
        },
      }
  }
}

/** One session with so many items, in turns of five. */
export function writeLongSession(store: Store, id: string, count: number): void {
  const items = manyItems(count)
  const turns = Math.ceil(count / 5)
  const session = sessionOf(id, {
    title: `${count} items`,
    titleSource: 'name',
    counters: { turns, items: count, prompts: turns, tools: turns },
    rateLimits: null,
    updatedAt: Date.now(),
  })
  store.write({ kind: 'session', session: { ...session, nextSeq: { turn: turns, item: count } } })
  for (let seq = 0; seq < turns; seq += 1) {
    const at = items[seq * 5]?.startedAt ?? 0
    const turn = {
      id: `turn-${seq}`,
      seq,
      status: 'completed',
      error: null,
      startedAt: at,
      completedAt: at + 5_000,
      model: 'gpt-5.5',
      effort: null,
    } as const
    store.write({ kind: 'turn', sessionId: id, turn })
  }
  for (const item of items) store.write({ kind: 'item', sessionId: id, item })
}
