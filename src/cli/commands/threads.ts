/** `codex-hub threads`: everything Codex knows, whether or not it is a session of the hub. */
import { resolve } from 'node:path'
import type { Command } from 'commander'
import type { ResultOf } from '../../protocol/methods.ts'
import { shortId } from '../find-session.ts'
import { type Run, wholeNumber } from '../run.ts'
import { ago, oneLine, paint, safe, shortPath, table } from '../text.ts'

interface ThreadOptions {
  readonly home?: string
  readonly cwd?: string
  readonly archived?: boolean
  readonly limit: number
  readonly page?: string
}

type Listed = ResultOf<'thread/list'>

export function addThreads(program: Command, run: Run): void {
  program
    .command('threads [words...]')
    .description(
      'every thread Codex knows, newest first, with the session of it; words are looked for in titles',
    )
    .option('--home <folder>', 'of this CODEX_HOME; otherwise of every home of the hub')
    .option('--cwd <folder>', 'only of this folder or below it')
    .option('--archived', 'archived ones instead')
    .option('-n, --limit <count>', 'how many of each home at most', wholeNumber(100, 1), 50)
    .option('--page <token>', 'go on where an earlier answer ended; with --home')
    .addHelpText(
      'after',
      '\nExamples:\n  codex-hub threads retry --cwd .\n  codex-hub --json threads --archived | jq ".[].threads[].threadId"',
    )
    .action(
      run(async (context, { home, cwd, archived, limit, page }: ThreadOptions, words: string[]) => {
        const hub = await context.hub()
        const { homes } = home === undefined ? await hub.request('home/list', {}) : { homes: [] }
        const names = home === undefined ? homes.map(({ codexHome }) => codexHome) : [resolve(home)]
        const lists: Listed[] = []
        for (const name of names) {
          const params = {
            home: name,
            limit,
            archived: archived === true,
            ...(words.length === 0 ? {} : { query: words.join(' ') }),
            ...(cwd === undefined ? {} : { cwd: resolve(cwd) }),
            ...(page === undefined ? {} : { pageToken: page }),
          }
          lists.push(await hub.request('thread/list', params))
        }
        context.print(lists, () => lists.map((list) => listText(list, lists.length > 1)).join('\n\n'))
      }),
    )
}

function listText({ codexHome, threads, sessions, nextPageToken }: Listed, withHome: boolean): string {
  const head = withHome ? [paint('bold', safe(codexHome))] : []
  if (threads.length === 0) return [...head, 'No threads.'].join('\n')
  const room = (process.stdout.columns ?? 140) - 70
  const rows = threads.map((thread) => {
    const session = sessions.find(({ id }) => id === thread.sessionId)
    return [
      thread.threadId,
      thread.sessionId === null ? '-' : shortId(thread.sessionId),
      session ? session.phase : safe(thread.source ?? ''),
      ago(thread.updatedAt),
      oneLine(session?.title ?? thread.title, Math.max(16, Math.floor(room * 0.6))),
      paint('dim', shortPath(thread.cwd ?? '', Math.max(12, Math.floor(room * 0.4)))),
    ]
  })
  const heads = ['THREAD', 'SESSION', 'STATE', 'AGE', 'TITLE', 'FOLDER'].map((text) => paint('bold', text))
  const more = nextPageToken === null ? [] : [`More: --home ${safe(codexHome)} --page ${nextPageToken}`]
  return [...head, table([heads, ...rows]), ...more].join('\n')
}
