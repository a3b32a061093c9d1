/** `codex-hub demo`: a hub on a throw-away home whose Codex talks to a scripted model. No account, no network. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Command } from 'commander'
import { execa } from 'execa'
import { connectHub } from '../../client/client.ts'
import { demoScript } from '../../demo/script.ts'
import { startScriptedModel } from '../../demo/scripted-model.ts'
import { readConfig } from '../../server/config.ts'
import { startHub } from '../../server/hub.ts'
import { paint } from '../text.ts'
import { VERSION } from '../version.ts'
import { untilStopped } from './serve.ts'

export function addDemo(program: Command): void {
  program
    .command('demo')
    .description('try everything with a scripted model: no account, no network, nothing left behind')
    .option('--port <port>', 'port on 127.0.0.1; 0 for any free one', Number, 0)
    .option('--codex <path>', 'the Codex to run; otherwise the one on PATH, then the bundled one')
    .action(async ({ port, codex }: { port: number; codex?: string }) => {
      const root = mkdtempSync(join(tmpdir(), 'codex-hub-demo-'))
      const model = await startScriptedModel(demoScript)
      try {
        const { folder, codexHome, project } = await makeHome(root, model.baseUrl)
        const config = readConfig(folder, { port, codexHome, codexPath: codex, graceMs: 10_000 })
        const hub = await startHub({ folder, config, version: VERSION })
        console.log(`codex-hub ${VERSION}, demo, on ${paint('bold', hub.url)}`)
        await firstSession(hub.url, hub.token, project)
        console.log(whatToTry(folder, project))
        await untilStopped(hub, true)
      } finally {
        await model.close()
        rmSync(root, { recursive: true, force: true, maxRetries: 5 })
      }
    })
}

async function makeHome(
  root: string,
  baseUrl: string,
): Promise<{ folder: string; codexHome: string; project: string }> {
  const [folder, codexHome, project] = ['hub', 'codex', 'project'].map((name) => join(root, name)) as [
    string,
    string,
    string,
  ]
  for (const path of [folder, codexHome, project]) mkdirSync(path, { mode: 0o700 })
  writeFileSync(
    join(codexHome, 'config.toml'),
    [
      // A name from Codex's catalogue, for its tools; the answers come from the script.
      'model = "gpt-5.5"',
      'model_provider = "demo"',
      'check_for_update_on_startup = false',
      `[projects.${JSON.stringify(project)}]`,
      'trust_level = "trusted"',
      '[model_providers.demo]',
      'name = "demo"',
      `base_url = ${JSON.stringify(baseUrl)}`,
      'wire_api = "responses"',
      'request_max_retries = 0',
      'stream_max_retries = 0',
      // What a terminal that joins would ask first.
      '[tui]',
      'screen_reader_detection_done = true',
      '[notice.model_migrations]',
      '"gpt-5.5" = "gpt-6-sol"',
      '',
    ].join('\n'),
  )
  writeFileSync(join(project, 'README.md'), '# A sample project\n')
  await execa('git', ['init', '-q', '-b', 'main'], { cwd: project, reject: false })
  return { folder, codexHome, project }
}

/** One session that has something to show, made as any client would. */
async function firstSession(url: string, token: string, project: string): Promise<void> {
  const hub = connectHub({ url, token, client: { id: 'demo', name: 'codex-hub demo' } })
  try {
    const settings = { approvalPolicy: 'on-request', sandbox: 'workspace-write' as const }
    const input = [{ type: 'text' as const, text: 'What can I try?' }]
    const { session } = await hub.command('session/create', { cwd: project, name: 'Tour', settings, input })
    const tour = hub.session(session.id)
    // What is printed next invites to send prompts: its turn must be over.
    await new Promise<void>((resolve) => {
      const look = (): void => {
        const turn = tour.getSnapshot().state?.turns[0]
        if (turn && turn.status !== 'inProgress') resolve()
      }
      tour.subscribe(look)
      look()
    })
  } finally {
    hub.close()
  }
}

function whatToTry(folder: string, project: string): string {
  return `
In another terminal:

  export CODEX_HUB_HOME=${folder}
  codex-hub sessions
  codex-hub watch Tour
  codex-hub send Tour "run ls -la"            then: codex-hub approve Tour
  codex-hub send Tour "slow" --watch
  codex-hub new "patch" --cwd ${project} --watch
  codex-hub open Tour                         a Codex terminal on the same live session

("npm run -s codex-hub --" in place of "codex-hub" when you run from a clone.)
Ctrl-C ends the demo and removes everything it made.`
}
