/**
 * Records one scripted conversation as a rollout with each Codex binary named on the command line, for
 * `test/fixtures/rollouts`. It owns what is taken out before a recording is checked in: instruction texts, machine
 * paths and encrypted blobs. It needs no account: the model is `src/demo/scripted-model.ts`.
 *
 *     node scripts/record-rollouts.ts test/fixtures/rollouts /path/to/codex …
 */
import { spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join, resolve } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import type { Step } from '../src/demo/answer.ts'
import type { ModelRequest } from '../src/demo/model-request.ts'
import { type Script, startScriptedModel } from '../src/demo/scripted-model.ts'

const PATCH = [
  '*** Begin Patch',
  '*** Update File: greeting.txt',
  '@@',
  '-hello',
  '+hello, world',
  '*** Add File: notes/todo.txt',
  '+first',
  '+second',
  '*** End Patch',
].join('\n')

const PLAN = {
  explanation: 'two steps',
  plan: [
    { step: 'look', status: 'completed' },
    { step: 'change', status: 'in_progress' },
  ],
}

/** What the user says, in order, and what the model does about it. */
const PROMPTS = {
  greet: 'Say hello – 你好',
  look: 'What is in greeting.txt?',
  fail: 'Run something that fails',
  plan: 'Make a plan',
  patch: 'Change the greeting',
  wait: 'Wait for ever',
  compact: 'Go on after the compaction',
} as const

/** The model's part. `compactions` counts the summaries it wrote, since nothing in a request tells that. */
function makeScript(): Script {
  let compactions = 0
  return (request) => {
    const said = request.userTexts
    if (compactions === 0 && isCompaction(request)) {
      compactions += 1
      return [{ say: 'Summary: the greeting was changed.' }]
    }
    if (compactions > 0) return [{ say: `Done: ${PROMPTS.compact}` }]
    if (request.afterTool) return [{ say: `Done: ${request.lastUserText}` }]
    switch (said.at(-1)) {
      case PROMPTS.greet:
        return [{ think: 'A greeting is wanted.' }, { say: 'Hello – 你好' }]
      case PROMPTS.look:
        return [{ say: 'I will look.' }, run(request, 'cat greeting.txt')]
      case PROMPTS.fail:
        return [run(request, 'echo broken && exit 3')]
      case PROMPTS.plan:
        return request.toolNames.includes('update_plan')
          ? [{ call: 'update_plan', args: PLAN }]
          : [{ say: `Done: ${PROMPTS.plan}` }]
      case PROMPTS.patch:
        return request.toolNames.includes('apply_patch')
          ? [{ custom: 'apply_patch', input: PATCH }]
          : [run(request, `apply_patch <<'EOF'\n${PATCH}\nEOF\n`)]
      case PROMPTS.wait:
        return [{ say: 'Waiting.' }, run(request, 'sleep 60')]
      default:
        return [{ inputTokens: 100_000 }, run(request, 'echo full')]
    }
  }
}

function isCompaction(request: ModelRequest): boolean {
  const last = JSON.stringify((request.body.input as unknown[] | undefined)?.at(-1) ?? '')
  return /CONTEXT CHECKPOINT COMPACTION|summar/i.test(last) && !request.afterTool
}

function run(request: ModelRequest, command: string): Step {
  if (request.toolNames.includes('exec_command')) return { call: 'exec_command', args: { cmd: command } }
  if (request.toolNames.includes('shell_command')) return { call: 'shell_command', args: { command } }
  return { call: 'shell', args: { command: ['bash', '-lc', command] } }
}

async function record(codexPath: string, folder: string): Promise<void> {
  const root = mkdtempSync(join(tmpdir(), 'record-rollouts-'))
  const home = join(root, 'home')
  const project = join(root, 'project')
  mkdirSync(home)
  mkdirSync(project)
  writeFileSync(join(project, 'greeting.txt'), 'hello\n')
  const model = await startScriptedModel(makeScript())
  writeFileSync(
    join(home, 'config.toml'),
    [
      `model = "${process.env.RECORD_MODEL ?? 'gpt-5.1'}"`,
      'model_provider = "mock"',
      'approval_policy = "never"',
      'sandbox_mode = "danger-full-access"',
      '[model_providers.mock]',
      'name = "mock"',
      `base_url = "${model.baseUrl}"`,
      'wire_api = "responses"',
    ].join('\n'),
  )
  const version = (await exec(codexPath, ['--version'], root, home)).match(/\d+\.\d+\.\d+/)?.[0] ?? 'unknown'
  const options = ['exec', '--skip-git-repo-check', '-c', 'model_auto_compact_token_limit=50000']
  await exec(codexPath, [...options, PROMPTS.greet], project, home)
  const path = findRollout(home)
  const threadId = basename(path, '.jsonl').slice(-36)
  for (const prompt of [PROMPTS.look, PROMPTS.fail, PROMPTS.plan, PROMPTS.patch])
    await exec(codexPath, [...options, 'resume', threadId, prompt], project, home)
  await abortTurn(codexPath, { project, home, path, threadId }, () =>
    model.requests.some((request) => request.lastUserText === PROMPTS.wait),
  )
  await exec(codexPath, [...options, 'resume', threadId, PROMPTS.compact], project, home)
  await model.close()

  const clean = scrub(readFileSync(path, 'utf8'), {
    [home]: '/home/user/.codex',
    [project]: '/home/user/project',
    [root]: '/tmp',
  })
  mkdirSync(join(folder, version), { recursive: true })
  writeFileSync(join(folder, version, basename(path)), clean)
  rmSync(root, { recursive: true, force: true })
  console.log(version, basename(path), clean.length)
}

function findRollout(home: string): string {
  const folder = join(home, 'sessions')
  const rollouts = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((path) =>
    path.endsWith('.jsonl'),
  )
  if (rollouts.length !== 1) throw new Error(`expected one rollout in ${folder}, found ${rollouts.length}`)
  return join(folder, rollouts[0] as string)
}

/**
 * Start the waiting turn through an app-server and interrupt it: `codex exec` of 0.80 and older dies of Ctrl-C before it
 * has written the abort. Releases before 0.64 speak the older names.
 */
async function abortTurn(
  codexPath: string,
  at: { project: string; home: string; path: string; threadId: string },
  isAsked: () => boolean,
): Promise<void> {
  const env = { PATH: process.env.PATH ?? '', HOME: at.home, CODEX_HOME: at.home, LANG: 'C.UTF-8' }
  const child = spawn(codexPath, ['app-server'], { cwd: at.project, env, stdio: ['pipe', 'pipe', 'ignore'] })
  const ended = new Promise((done) => child.on('close', done))
  const pending = new Map<number, (answer: { result?: Record<string, unknown>; error?: unknown }) => void>()
  let buffered = ''
  child.stdout.on('data', (bytes: Buffer) => {
    buffered += bytes.toString()
    const lines = buffered.split('\n')
    buffered = lines.pop() ?? ''
    for (const line of lines) {
      if (process.env.RECORD_VERBOSE) console.error(line.slice(0, 200))
      const message = JSON.parse(line)
      if (typeof message.id === 'number' && !message.method) pending.get(message.id)?.(message)
    }
  })
  let nextId = 0
  const call = (method: string, params: object) =>
    new Promise<{ result?: Record<string, unknown>; error?: unknown }>((done) => {
      const id = nextId++
      pending.set(id, done)
      child.stdin.write(`${JSON.stringify({ id, method, params })}\n`)
    })
  await call('initialize', { clientInfo: { name: 'record-rollouts', title: 'record', version: '1' } })
  child.stdin.write('{"method":"initialized"}\n')
  const resumed = await call('thread/resume', { threadId: at.threadId })
  if (resumed.error) {
    const old = await call('resumeConversation', { path: at.path })
    const conversationId = old.result?.conversationId
    await call('addConversationListener', { conversationId })
    await call('sendUserMessage', { conversationId, items: [{ type: 'text', data: { text: PROMPTS.wait } }] })
    await until(isAsked)
    await call('interruptConversation', { conversationId })
  } else {
    const input = [{ type: 'text', text: PROMPTS.wait, text_elements: [] }]
    const started = await call('turn/start', { threadId: at.threadId, input })
    await until(isAsked)
    const turn = started.result?.turn as { id: string }
    await call('turn/interrupt', { threadId: at.threadId, turnId: turn.id })
  }
  await delay(500)
  child.stdin.end()
  await ended
}

/** Wait until it holds, and then for as long as a tool needs to start. */
async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await delay(50)
  await delay(2_000)
}

/** Run Codex to its end. @returns what it printed. */
function exec(codexPath: string, args: readonly string[], cwd: string, home: string): Promise<string> {
  return new Promise((done, reject) => {
    const env = { PATH: process.env.PATH ?? '', HOME: home, CODEX_HOME: home, LANG: 'C.UTF-8' }
    const child = spawn(codexPath, args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] })
    let output = ''
    child.stdout.on('data', (bytes: Buffer) => {
      output += bytes.toString()
    })
    child.stderr.on('data', (bytes: Buffer) => {
      if (process.env.RECORD_VERBOSE) process.stderr.write(bytes)
    })
    child.on('error', reject)
    child.on('close', () => done(output))
  })
}

const INSTRUCTIONS = '(instructions)'

/** Take instruction texts, encrypted reasoning and machine paths out of a rollout; everything else stays as written. */
function scrub(text: string, paths: Record<string, string>): string {
  let clean = text
  for (const [from, to] of Object.entries(paths)) clean = clean.replaceAll(from, to)
  return clean
    .split('\n')
    .map((line) => (line === '' ? line : JSON.stringify(scrubValue(JSON.parse(line)))))
    .join('\n')
}

const SECRET_FIELDS = new Set([
  'instructions',
  'user_instructions',
  'developer_instructions',
  'base_instructions',
  'encrypted_content',
])

/** Copies of the conversation and of the environment that no reader of a rollout needs. */
const BULK_FIELDS = new Set([
  'replacement_history',
  'replacement_history_metadata',
  'state',
  'internal_chat_message_metadata_passthrough',
  'turn_attribution',
])

function scrubValue(value: unknown, key = ''): unknown {
  if (typeof value === 'string') {
    if (SECRET_FIELDS.has(key) || isInstruction(value)) return INSTRUCTIONS
    return value
  }
  if (BULK_FIELDS.has(key)) return Array.isArray(value) ? [] : {}
  if (Array.isArray(value)) return value.map((entry) => scrubValue(entry))
  if (typeof value !== 'object' || value === null) return value
  if (SECRET_FIELDS.has(key)) return { text: INSTRUCTIONS }
  return Object.fromEntries(Object.entries(value).map(([name, entry]) => [name, scrubValue(entry, name)]))
}

function isInstruction(text: string): boolean {
  return text.length > 300 && !text.includes('*** Begin Patch')
}

const [folder, ...binaries] = process.argv.slice(2)
if (!folder || binaries.length === 0) throw new Error('usage: record-rollouts.ts <folder> <codex binary> …')
for (const binary of binaries) await record(resolve(binary), folder)
