/** `codex-hub sessions`: the list, what needs a person first. */
import type { Command } from 'commander'
import type { HubClient } from '../../client/client.ts'
import type { Summary } from '../../protocol/summary.ts'
import { everySession, shortId } from '../find-session.ts'
import { type Run, wholeNumber } from '../run.ts'
import { ago, oneLine, paint, shortPath, table } from '../text.ts'

interface ListOptions {
  readonly all?: boolean
  readonly archived?: boolean
  readonly watch?: boolean
  readonly limit: number
}

export function addSessions(program: Command, run: Run): void {
  program
    .command('sessions')
    .alias('ls')
    .description('list sessions, those that need you first')
    .option('-a, --all', 'also archived ones')
    .option('--archived', 'archived ones only')
    .option('-w, --watch', 'keep showing changes')
    .option('-n, --limit <count>', 'show so many; --json has all', wholeNumber(100_000, 1), 200)
    .addHelpText(
      'after',
      '\nExamples:\n  codex-hub sessions --watch\n  codex-hub --json sessions | jq ".[].title"',
    )
    .action(
      run(async (context, options: ListOptions) => {
        const hub = await context.hub()
        if (options.watch) {
          await watchList(hub, context.isJson, options.limit)
          return
        }
        const lists = options.archived ? [true] : options.all ? [false, true] : [false]
        const pages = lists.map((archived) => everySession(hub, archived))
        const sessions = (await Promise.all(pages)).flat()
        const none = options.archived ? 'No archived sessions.' : NO_SESSIONS
        context.print(sessions, () => listText(sessions, options.limit) || none)
      }),
    )
}

/** Until Ctrl-C. On a terminal the list stays in place; elsewhere each change is one more list. */
async function watchList(hub: HubClient, isJson: boolean, limit: number): Promise<void> {
  const list = hub.sessions()
  const isScreen = !isJson && process.stdout.isTTY
  let told = ''
  const show = (): void => {
    const { state } = list.getSnapshot()
    if (!state) return
    const sessions = [...state.sessions.values()]
    // What needs a person stands on top: it must not leave the screen. Two lines are for the head and what is left out.
    const room = isScreen ? Math.max(1, (process.stdout.rows ?? 24) - 3) : limit
    const text = isJson
      ? JSON.stringify(sessions)
      : listText(sessions, Math.min(limit, room), isScreen) || NO_SESSIONS
    if (text === told) return
    told = text
    console.log(isScreen ? `\x1b[H\x1b[J${text}` : text)
  }
  // Ages grow without anything happening.
  const tick = isScreen ? setInterval(show, 1_000) : undefined
  if (isScreen) process.stdout.write('\x1b[?1049h\x1b[?25l')
  const stop = list.subscribe(show)
  show()
  await new Promise<void>((resolve) => process.once('SIGINT', resolve).once('SIGTERM', resolve))
  clearInterval(tick)
  stop()
  list.release()
  if (isScreen) process.stdout.write('\x1b[?25h\x1b[?1049l')
}

const URGENCY = { approval: 0, question: 0, failed: 1, finished: 2 } as const

const NO_SESSIONS = 'No sessions yet. Start one: codex-hub new "What is in this folder?"'

/** Empty where there are none. */
function listText(sessions: readonly Summary[], limit: number, isScreen = false): string {
  if (sessions.length === 0) return ''
  const sorted = inOrder(sessions).slice(0, limit)
  const ids = new Set(sessions.map(({ id }) => shortId(id)))
  const nameOf = ids.size === sessions.length ? shortId : (id: string) => id
  const room = (process.stdout.columns ?? 120) - 45
  const longest = Math.max(...sorted.map(({ title }) => title.length))
  const titleWidth = Math.min(longest, Math.max(16, Math.floor(room * 0.55)))
  const pathWidth = Math.max(12, room - titleWidth)
  const rows = sorted.map((session) => [
    nameOf(session.id),
    stateText(session),
    ago(session.updatedAt),
    oneLine(session.title, titleWidth),
    paint('dim', shortPath(session.cwd, pathWidth)),
  ])
  const heads = ['SESSION', 'STATE', 'AGE', 'TITLE', 'FOLDER'].map((head) => paint('bold', head))
  const more = sessions.length - sorted.length
  return [
    table([heads, ...rows]),
    ...(more > 0 ? [`and ${more} more${isScreen ? '' : '; --limit shows them'}`] : []),
  ].join('\n')
}

/** What needs a person first; subagents under who started them, named by what they are called, and nowhere else. */
function inOrder(sessions: readonly Summary[]): Summary[] {
  const workers = Map.groupBy(sessions, ({ parentThreadId }) => parentThreadId)
  const under = (threadId: string | null, indent: string): Summary[] => {
    const found = threadId === null ? [] : (workers.get(threadId) ?? [])
    return found
      .toSorted((a, b) => a.createdAt - b.createdAt)
      .flatMap((each) => [
        { ...each, title: `${indent}└ ${named(each)}` },
        ...under(each.threadId, `${indent}  `),
      ])
  }
  const parents = workers.get(null) ?? []
  return parents
    .toSorted((a, b) => rank(a) - rank(b) || b.updatedAt - a.updatedAt)
    .flatMap((each) => [each, ...under(each.threadId, '')])
}

function named({ title, subagent }: Summary): string {
  return subagent?.nickname ? `${subagent.nickname}: ${title}` : title
}

function rank({ attention, door }: Summary): number {
  if (attention) return URGENCY[attention.reason]
  return door === 'dormant' ? 4 : 3
}

function stateText(session: Summary): string {
  if (session.subagent) {
    const { state } = session.subagent
    return state === 'running' ? paint('green', state) : state === 'failed' ? paint('red', state) : state
  }
  const state = plainState(session)
  return session.door === 'observed' || session.door === 'attached' ? `${state}, ${session.door}` : state
}

function plainState({ phase, attention }: Summary): string {
  if (attention?.reason === 'approval') return paint('yellow', `needs approval (${ago(attention.since)})`)
  if (attention?.reason === 'question') return paint('yellow', `asks you (${ago(attention.since)})`)
  if (attention?.reason === 'failed') return paint('red', 'failed')
  if (phase === 'working') return paint('green', 'working')
  return attention?.reason === 'finished' ? `${phase}, finished` : phase
}
