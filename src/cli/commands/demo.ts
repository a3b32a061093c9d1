/** `codex-hub demo`: a hub on a throw-away home whose Codex talks to a scripted model. No account, no network. */
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import type { Command } from 'commander'
import { connectHub, type HubClient } from '../../client/client.ts'
import { HttpDoor } from '../../mcp/http-door.ts'
import type { SessionState } from '../../protocol/session-state.ts'
import { readConfig } from '../../server/config.ts'
import type { RunningHub } from '../../server/hub-options.ts'
import type { Context } from '../context.ts'
import { type DemoHome, makeDemoHome } from '../demo-home.ts'
import { openPage, pageLink } from '../page-link.ts'
import { type Run, wholeNumber } from '../run.ts'
import { listenForStop } from '../signals.ts'
import { paint } from '../text.ts'
import { VERSION } from '../version.ts'

interface DemoOptions {
  readonly port: number
  readonly codex?: string
  readonly open?: boolean
}

export function addDemo(program: Command, run: Run): void {
  program
    .command('demo')
    .description('try everything with a scripted model: no account, no network, nothing left behind')
    .option('--port <port>', 'port on 127.0.0.1; 0 for any free one', wholeNumber(65_535), 0)
    .option('--codex <path>', 'the Codex to run (default: the one on PATH, then the bundled one)')
    .option('--open', 'open its page in the browser')
    .addHelpText('after', '\nExamples:\n  codex-hub demo --open\n  codex-hub demo --port 4600')
    .action(run(demo))
}

async function demo(context: Context, { port, codex, open }: DemoOptions): Promise<void> {
  // Before anything is made: whenever it is stopped, everything is taken away again.
  const stop = listenForStop()
  // Loaded here alone: the model brings all of `node:http`, which no other command needs.
  const [{ demoScript }, { startScriptedModel }] = await Promise.all([
    import('../../demo/script.ts'),
    import('../../demo/scripted-model.ts'),
  ])
  const model = await startScriptedModel(demoScript)
  const home = await makeDemoHome(model.baseUrl)
  let hub: RunningHub | null = null
  try {
    if (!context.isJson && process.stdout.isTTY) process.stdout.write(paint('dim', 'Starting Codex …'))
    const config = readConfig(home.folder, {
      port,
      codexHome: home.codexHome,
      codexPath: codex,
      graceMs: 1_000,
    })
    const { startHub } = await import('../../server/hub.ts')
    hub = await startHub({
      folder: home.folder,
      // Its project is shown as a person's are, and nothing of the person's own is looked into.
      home: home.root,
      config,
      version: VERSION,
      makeAgentDoor: (address) => new HttpDoor({ address, version: VERSION }),
    })
    await Promise.race([stop.asked, makeSessions(hub, home.project)])
    if (!stop.isAsked) {
      const { url, token } = hub
      // The token dies with the demo: it may stand wherever this is printed to.
      const page = pageLink(url, token)
      const tokenFile = join(home.folder, 'token')
      context.print({ url, page, ...home, tokenFile }, () => whatToTry(page, home))
      if (open) await openPage(url, token).catch((error: Error) => console.error(error.message))
      await Promise.race([stop.asked, hub.closed])
    }
    if (!context.isJson) console.log('Taking the demo away …')
  } finally {
    await hub?.close({ stopSessions: true })
    await model.close()
    rmSync(home.root, { recursive: true, force: true, maxRetries: 5 })
    stop.release()
  }
}

/** One session that has something to show and one that needs a person, made as any client would. */
async function makeSessions({ url, token }: RunningHub, project: string): Promise<void> {
  const hub = connectHub({ url, token, client: { id: 'demo', name: 'codex-hub demo' } })
  const create = (name: string, text: string) =>
    hub.command('session/create', {
      cwd: project,
      name,
      settings: { approvalPolicy: 'on-request', sandbox: 'workspace-write' },
      input: [{ type: 'text', text }],
    })
  try {
    const [tour, asking] = await Promise.all([
      create('Tour', 'What can I try?'),
      create('Needs you', 'run git log --oneline'),
    ])
    // What is printed next invites to send prompts and to approve: both must be possible by then.
    await Promise.all([
      reach(hub, tour.session.id, ({ turns }) => turns.some(({ status }) => status !== 'inProgress')),
      reach(hub, asking.session.id, ({ approvals, turns }) => {
        return approvals.length > 0 || turns.some(({ status }) => status !== 'inProgress')
      }),
    ])
  } finally {
    hub.close()
  }
}

/** Resolves once the session is so, or cannot become so any more. */
function reach(hub: HubClient, sessionId: string, isSo: (state: SessionState) => boolean): Promise<void> {
  const session = hub.session(sessionId)
  return new Promise<void>((resolve) => {
    const look = (): void => {
      const { state, status } = session.getSnapshot()
      if (status === 'gone' || (state && (isSo(state) || state.summary.problem))) resolve()
    }
    session.subscribe(look)
    look()
  })
}

function whatToTry(page: string, { folder, project }: DemoHome): string {
  const line = (command: string, says: string) => `  ${command.padEnd(46)}${paint('dim', says)}`
  return `${process.stdout.isTTY ? '\r\x1b[K' : ''}codex-hub ${VERSION}, a demo with a scripted model. In a browser:

  ${paint('bold', page)}

In another terminal:

  ${paint('bold', `export CODEX_HUB_HOME=${folder}`)}
  cd ${project}

${[
  line('codex-hub sessions', 'what needs you comes first'),
  line('codex-hub watch "Needs you"', 'what it asks for, and how to answer'),
  line('codex-hub approve "Needs you"', 'or deny'),
  line('codex-hub new "patch" --watch', 'a session that changes a file'),
  line('codex-hub send Tour "ask"', 'a question, answered with approve --answer'),
  line('codex-hub send Tour "slow" --watch', 'leave with Ctrl-C, come back with watch'),
  line('codex-hub open Tour', 'a Codex terminal on the same live session'),
  line('codex-hub end Tour', 'the next prompt resumes it, with its memory'),
].join('\n')}

In a clone "npm run -s codex-hub --", from the clone's folder, stands for "codex-hub"; --cwd ${project} for the cd.
Ctrl-C ends the demo and takes away everything it made.`
}
