/** `codex-hub sessions`: the list, what needs a person first. */
import type { Command } from 'commander'
import type { Summary } from '../../protocol/summary.ts'
import type { Run } from '../main.ts'
import { ago, oneLine, paint, table } from '../text.ts'

interface ListOptions {
  readonly all?: boolean
  readonly watch?: boolean
}

export function addSessions(program: Command, run: Run): void {
  program
    .command('sessions')
    .alias('ls')
    .description('list sessions, those that need you first')
    .option('-a, --all', 'also archived ones')
    .option('-w, --watch', 'keep showing changes')
    .action(
      run(async (context, options: ListOptions) => {
        const hub = await context.hub()
        if (options.watch) {
          await watchList(context.isJson, hub.sessions())
          return
        }
        const { sessions } = await hub.request('session/list', { limit: 200, archived: options.all === true })
        context.print(sessions, () => listText(sessions))
      }),
    )
}

async function watchList(
  isJson: boolean,
  list: ReturnType<Awaited<ReturnType<import('../context.ts').Context['hub']>>['sessions']>,
): Promise<void> {
  const show = (): void => {
    const { state } = list.getSnapshot()
    if (!state) return
    const sessions = [...state.sessions.values()]
    if (isJson) console.log(JSON.stringify(sessions))
    else console.log(`${process.stdout.isTTY ? '\x1b[2J\x1b[H' : ''}${listText(sessions)}`)
  }
  list.subscribe(show)
  show()
  await new Promise<void>((resolve) => process.once('SIGINT', resolve))
}

const URGENCY = { approval: 0, question: 0, failed: 1, finished: 2 } as const

function listText(sessions: readonly Summary[]): string {
  if (sessions.length === 0) return 'No sessions yet. Start one: codex-hub new "What is in this folder?"'
  const sorted = sessions.toSorted((a, b) => rank(a) - rank(b) || b.updatedAt - a.updatedAt)
  const rows = sorted.map((session) => [
    paint('dim', session.id),
    phaseText(session),
    ago(session.updatedAt),
    oneLine(session.title, 40),
    paint('dim', oneLine(session.cwd, 40)),
  ])
  return table([['SESSION', 'STATE', 'AGE', 'TITLE', 'FOLDER'].map((head) => paint('bold', head)), ...rows])
}

function rank({ attention, door }: Summary): number {
  if (attention) return URGENCY[attention.reason]
  return door === 'dormant' ? 4 : 3
}

export function phaseText({ phase, attention }: Summary): string {
  if (attention?.reason === 'approval') return paint('yellow', `needs approval (${ago(attention.since)})`)
  if (attention?.reason === 'question') return paint('yellow', `asks (${ago(attention.since)})`)
  if (attention?.reason === 'failed') return paint('red', 'failed')
  if (phase === 'working') return paint('green', 'working')
  return attention?.reason === 'finished' ? `${phase}, finished` : phase
}
