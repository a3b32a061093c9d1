/** `codex-hub search`: what was said, in any session, with the words around it. */
import { resolve } from 'node:path'
import { type Command, InvalidArgumentError } from 'commander'
import type { ParamsOf, ResultOf } from '../../protocol/methods.ts'
import { type SearchHit, type SearchIndex, searchKindSchema } from '../../protocol/search.ts'
import { doorSchema } from '../../protocol/summary.ts'
import { findSession, shortId } from '../find-session.ts'
import { collect, collectOneOf, type Run, wholeNumber } from '../run.ts'
import { ago, oneLine, paint, safe, shortPath } from '../text.ts'

interface SearchOptions {
  readonly session?: string
  readonly cwd?: string
  readonly model?: string[]
  readonly door?: string[]
  readonly kind?: string[]
  readonly archived?: boolean
  readonly since?: number
  readonly until?: number
  readonly limit: number
  readonly page?: string
}

export function addSearch(program: Command, run: Run): void {
  program
    .command('search <words...>')
    .description('find what was said: in titles, prompts and answers of all sessions, newest first')
    .option('-s, --session <session>', 'only in this session')
    .option('--cwd <folder>', 'only in sessions of this folder or below it')
    .option('--model <model>', 'only in sessions with this model; may be repeated', collect)
    .option(
      '--door <door>',
      `only in sessions that are now ${listed(doorSchema.options)}; may be repeated`,
      collectOneOf(doorSchema.options),
    )
    .option(
      '--kind <kind>',
      `only what is a ${listed(searchKindSchema.options)}; may be repeated`,
      collectOneOf(searchKindSchema.options),
    )
    .option('--archived', 'only in archived sessions')
    .option('--no-archived', 'not in archived sessions')
    .option('--since <date>', 'said then or later, like 2026-03-01', dateOf)
    .option('--until <date>', 'said before', dateOf)
    .option('-n, --limit <count>', 'how many at most', wholeNumber(100, 1), 20)
    .option('--page <token>', 'go on where an earlier answer ended')
    .addHelpText(
      'after',
      '\nEach word must occur; "several words" in quotes must stand together; word* is a beginning.\n\n' +
        'Examples:\n  codex-hub search retry logic\n  codex-hub search \'"writer lock"\' --cwd . --since 2026-03-01\n' +
        '  codex-hub --json search migration | jq ".hits[].sessionId"',
    )
    .action(
      run(async (context, options: SearchOptions, words: string[]) => {
        const hub = await context.hub()
        const { session, cwd, model, door, kind, archived, since, until, limit, page } = options
        const sessionId = session === undefined ? undefined : (await findSession(hub, session, 'orElse')).id
        const params = {
          query: words.join(' '),
          limit,
          ...(sessionId === undefined ? {} : { sessionId }),
          ...(cwd === undefined ? {} : { cwd: resolve(cwd) }),
          ...(model === undefined ? {} : { models: model }),
          ...(door === undefined ? {} : { doors: door }),
          ...(kind === undefined ? {} : { kinds: kind }),
          ...(archived === undefined ? {} : { archived }),
          ...(since === undefined ? {} : { since }),
          ...(until === undefined ? {} : { until }),
          ...(page === undefined ? {} : { pageToken: page }),
        } as ParamsOf<'session/search'>
        const found = await hub.request('session/search', params)
        context.print(found, () => foundText(found))
      }),
    )
}

function listed(words: readonly string[]): string {
  return `${words.slice(0, -1).join(', ')} or ${words.at(-1)}`
}

function dateOf(text: string): number {
  const at = new Date(/^\d{4}-\d\d-\d\d$/.test(text) ? `${text}T00:00` : text).getTime()
  if (Number.isNaN(at))
    throw new InvalidArgumentError('A date is expected, like 2026-03-01 or 2026-03-01T14:00.')
  return at
}

function foundText({ hits, sessions, nextPageToken, index }: ResultOf<'session/search'>): string {
  const lines: string[] = []
  let last = ''
  for (const hit of hits) {
    const session = sessions.find(({ id }) => id === hit.sessionId)
    if (session && hit.sessionId !== last) {
      if (last !== '') lines.push('')
      const title = paint('bold', oneLine(session.title, 60))
      lines.push(`${title}  ${shortId(session.id)}  ${paint('dim', shortPath(session.cwd, 40))}`)
    }
    last = hit.sessionId
    lines.push(`  ${paint('dim', `${ago(hit.at)} ${hit.kind}`)}  ${snippetText(hit.snippet)}`)
  }
  if (hits.length === 0) lines.push('Nothing was found.')
  if (nextPageToken !== null) lines.push('', `More: --page ${nextPageToken}`)
  if (!index.isComplete)
    lines.push('', paint('yellow', `Not everything can be found yet: ${progressText(index)}.`))
  return lines.join('\n')
}

function snippetText({ text, marks }: SearchHit['snippet']): string {
  let shown = ''
  let at = 0
  for (const { start, end } of marks) {
    shown += `${safe(text.slice(at, start))}${paint(['bold', 'yellow'], safe(text.slice(start, end)))}`
    at = end
  }
  return `${shown}${safe(text.slice(at))}`
}

/** What is still to be indexed. */
export function progressText({ textsWaiting, rollouts }: SearchIndex): string {
  const waits = [
    ...(rollouts.indexed < rollouts.total
      ? [`${rollouts.indexed} of ${rollouts.total} rollouts are indexed`]
      : []),
    ...(textsWaiting > 0 ? [`${textsWaiting} texts wait`] : []),
  ]
  return waits.join(', ')
}
