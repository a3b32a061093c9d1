/**
 * Records what an app-server sends in one scripted conversation, for `test/fixtures/codex-frames`: a greeting, then a
 * command that needs approval. It owns what is taken out before a recording is checked in: instruction texts, machine
 * paths, ids of this machine. Needs no account: the model is `src/demo/scripted-model.ts`.
 *
 *     node scripts/record-codex-frames.ts test/fixtures/codex-frames /path/to/codex …
 */
import { spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { locateCodex } from '../src/connectors/codex/locate.ts'
import { type Script, startScriptedModel } from '../src/demo/scripted-model.ts'
import { LineFramer } from '../src/jsonrpc/line-framer.ts'

export const CONVERSATION: Script = (request) => {
  if (request.lastUserText === 'Say hello') return [{ say: 'Hello there, friend.' }]
  if (request.afterTool) return [{ say: 'The file is there.' }]
  const args = {
    cmd: 'mkdir made && echo ready',
    sandbox_permissions: 'require_escalated',
    justification: 'May I?',
  }
  return [{ think: 'A folder is wanted.' }, { call: 'exec_command', args }]
}

type Frame = Record<string, unknown> & { id?: number; method?: string; params?: Record<string, unknown> }

async function record(codexPath: string, folder: string): Promise<void> {
  const { version, path } = await locateCodex({ configuredPath: codexPath })
  const root = mkdtempSync(join(tmpdir(), 'record-frames-'))
  const [home, project] = [join(root, 'home'), join(root, 'project')]
  mkdirSync(home)
  mkdirSync(project)
  const model = await startScriptedModel(CONVERSATION)
  writeFileSync(
    join(home, 'config.toml'),
    `model = "mock-model"\nmodel_provider = "mock"\n[model_providers.mock]\nname = "mock"\nbase_url = "${model.baseUrl}"\nwire_api = "responses"\n`,
  )
  const frames = await converse(path, home, project)
  await model.close()
  rmSync(root, { recursive: true, force: true, maxRetries: 5 })
  const paths = { [home]: '/home/user/.codex', [project]: '/home/user/project', [root]: '/tmp' }
  const lines = frames.map((frame) => scrub(JSON.stringify(frame), paths))
  writeFileSync(join(folder, `${version}.jsonl`), `${lines.join('\n')}\n`)
  console.log(version, lines.length)
}

/** Hold the conversation. @returns what Codex sent, in order, from the answer to `thread/start` on */
async function converse(codex: string, home: string, project: string): Promise<Frame[]> {
  const child = spawn(codex, ['app-server'], {
    cwd: '/',
    env: { ...process.env, CODEX_HOME: home },
    stdio: ['pipe', 'pipe', 'ignore'],
  })
  const frames: Frame[] = []
  const waiting: { fits(frame: Frame): boolean; resolve(frame: Frame): void }[] = []
  const framer = new LineFramer({
    onLine: (line) => {
      const frame = JSON.parse(line) as Frame
      if (!frame.method?.startsWith('codex/event/')) frames.push(frame)
      // Approvals are answered at once: what is recorded is what Codex sends, not how long a person thinks.
      if (frame.method && frame.id !== undefined) write({ id: frame.id, result: { decision: 'accept' } })
      for (const each of waiting.filter(({ fits }) => fits(frame))) each.resolve(frame)
    },
    onDropped: () => {},
  })
  child.stdout.on('data', (chunk: Buffer) => framer.push(chunk))
  const write = (frame: unknown) => child.stdin.write(`${JSON.stringify(frame)}\n`)
  const next = (fits: (frame: Frame) => boolean) =>
    new Promise<Frame>((done) => waiting.push({ fits, resolve: done }))
  const ask = (id: number, method: string, params: unknown) => {
    const answer = next((frame) => frame.id === id && frame.method === undefined)
    write({ id, method, params })
    return answer
  }
  await ask(100, 'initialize', {
    clientInfo: { name: 'recorder', title: null, version: '0.0.0' },
    capabilities: { experimentalApi: true },
  })
  write({ method: 'initialized' })
  const opened = await ask(101, 'thread/start', {
    cwd: project,
    approvalPolicy: 'on-request',
    sandbox: 'read-only',
  })
  frames.splice(0, frames.indexOf(opened))
  const { thread } = opened.result as { thread: { id: string } }
  for (const [index, text] of ['Say hello', 'Make a folder'].entries()) {
    const ended = next((frame) => frame.method === 'turn/completed')
    const input = [{ type: 'text', text, text_elements: [] }]
    await ask(102 + index, 'turn/start', {
      threadId: thread.id,
      clientUserMessageId: `command-${index}`,
      input,
    })
    await ended
  }
  // Commands may be told as completed after their turn (0.142); a moment more brings them.
  await new Promise((done) => setTimeout(done, 500))
  child.stdin.end()
  await new Promise((done) => child.once('exit', done))
  return frames
}

function scrub(line: string, paths: Record<string, string>): string {
  let clean = line
  for (const [from, to] of Object.entries(paths)) clean = clean.replaceAll(from, to)
  return clean
    .replace(/"(serverName|installationId)":"[^"]*"/g, '"$1":"(removed)"')
    .replace(/"instructionSources":\[[^\]]*\]/g, '"instructionSources":[]')
}

if (import.meta.main) {
  const [folder, ...binaries] = process.argv.slice(2)
  if (!folder || binaries.length === 0)
    throw new Error('usage: record-codex-frames.ts <folder> <codex binary> …')
  mkdirSync(folder, { recursive: true })
  for (const binary of binaries) await record(resolve(binary), folder)
}
