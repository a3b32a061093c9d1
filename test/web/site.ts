/** The page, logged in, in a real browser: before it the real hub and the real Codex with a scripted model. */
import { fileURLToPath } from 'node:url'
import type { Browser, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, expect } from 'vitest'
import type { Script } from '../../src/demo/scripted-model.ts'
import type { Store } from '../../src/persistence/store.ts'
import { openBrowser, openPage, type WatchedPage } from '../harness/browser.ts'
import { makeHub, type TestHub } from '../harness/hub.ts'
import { writeLongSession } from '../harness/seed.ts'
import { itemOf, sessionOf, turnOf } from '../harness/stored.ts'
import { versionOfTestCodex } from '../harness/test-codex.ts'
import { isIdle, stateWhere, text } from '../harness/watch.ts'

/** A session with 10,000 items. */
export const LONG = 'ses_long'

/** A session with items as no known Codex writes them. */
export const ODD = 'ses_odd'

/** A session whose agent started another agent, and that one's. */
export const CALLER = 'ses_caller'
export const CALLED = 'ses_called'

/** One MCP server that works, and one that does not. */
const TOML = `[features]
default_mode_request_user_input = true
[mcp_servers.asks]
command = ${JSON.stringify(process.execPath)}
args = [${JSON.stringify(fileURLToPath(new URL('../fixtures/programs/mcp-asks.mjs', import.meta.url)))}]
[mcp_servers.broken]
command = "/no/such/server"`

const PATCH = '*** Begin Patch\n*** Update File: notes.txt\n@@\n-old\n+new\n*** End Patch'

const REVIEW = JSON.stringify({
  findings: ['Name it', 'Test it'].map((title, index) => ({
    title,
    body: `Because of ${index}.`,
    confidence_score: 0.9,
    priority: index,
    code_location: { absolute_file_path: '/nowhere/a.ts', line_range: { start: 3, end: 5 } },
  })),
  overall_correctness: 'patch is incorrect',
  overall_explanation: 'Two things are missing.',
  overall_confidence_score: 0.8,
})

/** A hand on the tap of the turns that are held. */
let tap = newTap()

function newTap(): { readonly isOpen: Promise<void>; open(): void } {
  let open: () => void = () => {}
  const isOpen = new Promise<void>((resolve) => {
    open = resolve
  })
  return { isOpen, open }
}

const script: Script = (request) => {
  const [word] = request.lastUserText.split(' ')
  if (word === 'look') return [{ say: REVIEW }]
  if (request.afterTool) return [{ say: 'It is **done**.' }]
  if (word === 'run' || word === 'recite') {
    const args = {
      cmd: `touch made.txt && echo hi${word === 'recite' ? ' and-more'.repeat(100) : ''}`,
      sandbox_permissions: 'require_escalated',
      justification: 'to see',
    }
    return [{ call: 'exec_command', args }]
  }
  if (word === 'order') return [{ call: 'order', args: {}, namespace: 'mcp__asks' }]
  if (word === 'patch') return [{ custom: 'apply_patch', input: PATCH }]
  if (word === 'ask') {
    const options = [
      { label: 'Red', description: 'warm' },
      { label: 'Blue', description: 'cold' },
    ]
    return [
      {
        call: 'request_user_input',
        args: { questions: [{ id: 'colour', header: 'Colour', question: 'Which colour?', options }] },
      },
    ]
  }
  if (word === 'hold') return [{ say: 'Holding on ' }, { until: tap.isOpen }, { say: 'until now.' }]
  if (word === 'propose')
    return [
      { say: `Here:\n<proposed_plan>\n# ${request.lastUserText}\n- one\n- two\n</proposed_plan>\nGood?` },
    ]
  if (word === 'background')
    return [
      { call: 'exec_command', args: { cmd: 'sleep 0.4; echo begun; exec sleep 1000', yield_time_ms: 250 } },
    ]
  if (word === 'slow') return [{ say: 'one two three four five six seven eight nine ten', pauseMs: 60 }]
  return [
    {
      say: `You said *${request.lastUserText}*.\n\n- a list\n\n\`\`\`ts\nconst x = 1\n\`\`\`\n\n<img src=x onerror="alert(1)">`,
    },
  ]
}

/** Older ones lack some of what the script has Codex do. */
export const isNewCodex = (await versionOfTestCodex()).localeCompare('0.160.0', 'en', { numeric: true }) >= 0

export interface Site {
  readonly test: TestHub
  readonly browser: Browser
  readonly watched: WatchedPage
  readonly page: Page
  /** Opens a browser logged in. */
  link(): string
  /** A session with its first prompt, made by another client. */
  begin(prompt: string): Promise<string>
  /** A session whose plan waits for a person. */
  propose(prompt: string): Promise<string>
  /** Let the turns end that hold on. */
  letGo(): void
  /** Go to a session in the page. */
  show(sessionId: string): Promise<unknown>
  close(): Promise<void>
}

/** An agent that started another one. */
function writeAgents(store: Store): void {
  const call = {
    type: 'collabAgentToolCall',
    body: {
      tool: 'spawnAgent',
      status: 'completed',
      senderThreadId: `thread-of-${CALLER}`,
      receiverThreadIds: [`thread-of-${CALLED}`],
      prompt: 'Read the tests.',
      model: 'gpt-5.5',
      reasoningEffort: 'low',
      agentsStates: {},
    },
  }
  store.write(
    { kind: 'session', session: sessionOf(CALLER) },
    { kind: 'turn', sessionId: CALLER, turn: turnOf(1) },
    { kind: 'item', sessionId: CALLER, item: itemOf(0, call) },
    {
      kind: 'session',
      session: sessionOf(CALLED, {
        title: 'Reads the tests',
        parentThreadId: `thread-of-${CALLER}`,
        rateLimits: null,
        createdBy: { agent: 'helper', sessionId: CALLER, depth: 1 },
      }),
    },
    { kind: 'turn', sessionId: CALLED, turn: turnOf(1) },
    {
      kind: 'item',
      sessionId: CALLED,
      item: itemOf(0, { type: 'agentMessage', body: { text: 'All *read*.' } }),
    },
  )
}

function writeOddSession(store: Store): void {
  const odd = [
    { type: 'fileChange', body: { changes: [{ path: 7, diff: { of: 'a newer Codex' } }] } },
    { type: 'somethingNew', body: { of: 'a newer Codex' } },
    { type: 'agentMessage', body: { text: 'What comes after is there.' } },
  ]
  store.write(
    { kind: 'session', session: sessionOf(ODD) },
    { kind: 'turn', sessionId: ODD, turn: turnOf(1) },
    ...odd.map((of, seq) => ({ kind: 'item' as const, sessionId: ODD, item: itemOf(seq, of) })),
  )
}

export async function openSite(): Promise<Site> {
  const test = await makeHub({
    script,
    model: 'gpt-5.5',
    toml: TOML,
    seed: (store) => {
      writeLongSession(store, LONG, 10_000)
      writeOddSession(store)
      writeAgents(store)
    },
  })
  const browser = await openBrowser()
  const link = () => `${test.hub.url}/#token=${test.hub.token}`
  const watched = await openPage(browser, link())
  const { page } = watched
  await page.waitForSelector('.connection.live')
  return {
    test,
    browser,
    watched,
    page,
    link,
    async begin(prompt) {
      const settings = { approvalPolicy: 'on-request', sandbox: 'read-only' as const }
      const { session } = await test
        .client()
        .command('session/create', { cwd: test.codex.project, settings, input: text(prompt) })
      return session.id
    },
    async propose(prompt) {
      const client = test.client('laptop')
      const { session } = await client.command('session/create', { cwd: test.codex.project, settings: {} })
      const { id: sessionId } = session
      const view = client.session(sessionId)
      await client.command('session/send', { sessionId, input: text(prompt), settings: { mode: 'plan' } })
      await stateWhere(view, isIdle)
      view.release()
      return sessionId
    },
    letGo() {
      tap.open()
      tap = newTap()
    },
    show: (id) => page.goto(`${test.hub.url}/#session=${id}`),
    async close() {
      await browser.close()
      await test.close()
    },
  }
}

/** One for all tests of a block. After each nothing went wrong unseen, and nobody but the hub was asked for anything. */
export function aroundTests(take: (site: Site) => void): void {
  let site: Site
  beforeAll(async () => {
    site = await openSite()
    take(site)
  }, 60_000)
  afterAll(() => site.close())
  afterEach(async ({ task }) => {
    expect(site.watched.faults.splice(0)).toEqual([])
    // What a test that failed left open would be in the way of the next, and of its own second try.
    if (task.result?.state === 'pass') return
    for (let tries = 0; tries < 3 && (await site.page.$('dialog[open]')); tries += 1)
      await site.page.keyboard.press('Escape')
  })
}
