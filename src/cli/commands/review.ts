/** `codex-hub review` and `findings`: have Codex review, see what it found, and have it mended. */
import { type Command, Option } from 'commander'
import type { Finding, Review, ReviewTarget } from '../../protocol/review.ts'
import type { Context } from '../context.ts'
import { CliError, EXIT } from '../exit.ts'
import { findSession } from '../find-session.ts'
import { collect, type Run } from '../run.ts'
import { paint, safe, table } from '../text.ts'
import { endOf } from '../watch/turn-end.ts'
import { watchSession } from '../watch/watch-session.ts'
import { showTaken } from './prompt.ts'

interface ReviewOptions {
  readonly uncommitted?: boolean
  readonly base?: string
  readonly commit?: string
  readonly prompt?: string
  readonly detached?: boolean
  readonly watch?: boolean
  readonly wait: boolean
}

interface FindingsOptions {
  readonly turn?: string
  readonly send?: boolean
  readonly only?: string[]
  readonly note?: string
  readonly to?: string
  readonly watch?: boolean
}

export function addReview(program: Command, run: Run): void {
  program
    .command('review <session>')
    .description('have Codex review changes in the folder of a session, and list what it found')
    .addOption(
      new Option('-u, --uncommitted', 'what is staged, changed and new').conflicts(OTHERS('uncommitted')),
    )
    .addOption(new Option('-b, --base <branch>', 'what is not in this branch').conflicts(OTHERS('base')))
    .addOption(new Option('-c, --commit <commit>', 'one commit').conflicts(OTHERS('commit')))
    .addOption(new Option('-p, --prompt <text>', 'what these words say').conflicts(OTHERS('prompt')))
    .option('-d, --detached', 'in a new session beside this one')
    .option('-w, --watch', 'show it as it goes')
    .option('--no-wait', 'do not wait for its end')
    .addHelpText(
      'after',
      '\nExamples:\n  codex-hub review Tests --uncommitted\n  codex-hub review Tests --base main --detached\n  codex-hub --json review Tests --commit HEAD',
    )
    .action(
      run(async (context, options: ReviewOptions, name: string) => {
        const hub = await context.hub()
        const target = targetOf(options)
        const { id } = await findSession(hub, name)
        const delivery = options.detached ? 'detached' : 'inline'
        const started = await context.command('session/review', { sessionId: id, target, delivery })
        const { session, turnId } = started
        if (!options.wait) {
          context.print({ sessionId: session.id, turnId }, () => session.id)
          return
        }
        if (!options.watch && process.stderr.isTTY) {
          console.error(
            paint('dim', 'Codex reviews. Ctrl-C leaves it to itself; "codex-hub findings" has the end.'),
          )
        }
        const ending = options.watch
          ? await watchSession(hub, session.id, { json: context.isJson, untilIdle: true, turnId })
          : await endOf(hub, session.id, turnId)
        if (ending === 'failed') process.exitCode = EXIT.failed
        await show(context, session.id, turnId)
      }),
    )
  program
    .command('findings <session>')
    .description('what the newest review of a session found; --send has them mended')
    .option('-t, --turn <turn>', 'of the review in this turn')
    .option('-s, --send', 'as the next prompt')
    .option('-o, --only <finding>', 'send this one (f1, f2 …); may be repeated', collect)
    .option('-n, --note <text>', 'what else to say, before them')
    .option('--to <session>', 'who gets them (default: the session that asked for the review)')
    .option('-w, --watch', 'show the answer as it comes')
    .addHelpText(
      'after',
      '\nExamples:\n  codex-hub findings Tests\n  codex-hub findings Tests --send --only f1 --only f3 --watch',
    )
    .action(
      run(async (context, options: FindingsOptions, name: string) => {
        const hub = await context.hub()
        const { id: reviewSessionId, reviewOf } = await findSession(hub, name, 'orElse')
        if (!options.send) {
          await show(context, reviewSessionId, options.turn)
          return
        }
        const asked = reviewOf?.sessionId ?? reviewSessionId
        const sessionId = options.to === undefined ? asked : (await findSession(hub, options.to)).id
        const { turn, only, note } = options
        const taken = await context.command('review/send', {
          sessionId,
          reviewSessionId,
          ...(turn === undefined ? {} : { turnId: turn }),
          ...(only === undefined ? {} : { findings: only }),
          ...(note === undefined ? {} : { note }),
        })
        await showTaken(context, options, { sessionId, turnId: taken.turnId, value: { sessionId, ...taken } })
      }),
    )
}

const KINDS = ['uncommitted', 'base', 'commit', 'prompt'] as const
const OTHERS = (kind: (typeof KINDS)[number]) => KINDS.filter((each) => each !== kind)

/** @throws CliError when none is named */
function targetOf({ uncommitted, base, commit, prompt }: ReviewOptions): ReviewTarget {
  if (uncommitted) return { type: 'uncommittedChanges' }
  if (base !== undefined) return { type: 'baseBranch', branch: base }
  if (commit !== undefined) return { type: 'commit', sha: commit }
  if (prompt !== undefined) return { type: 'custom', instructions: prompt }
  throw new CliError('What is to be reviewed? --uncommitted, --base, --commit or --prompt.', EXIT.usage)
}

async function show(context: Context, sessionId: string, turnId: string | undefined): Promise<void> {
  const hub = await context.hub()
  const { review } = await hub.request('review/read', {
    sessionId,
    ...(turnId === undefined ? {} : { turnId }),
  })
  context.print(review === null ? null : { sessionId, ...review }, () => reviewText(review))
}

function reviewText(review: Review | null): string {
  if (review === null) return 'There is no review that has ended.'
  const rows = review.findings.map((finding) => [
    finding.id,
    finding.priority === null ? '' : `P${finding.priority}`,
    finding.confidence === null ? '' : `${Math.round(finding.confidence * 100)} %`,
    paint('bold', safe(finding.title)),
    paint('dim', safe(placeOf(finding))),
  ])
  const head = ['FINDING', 'URGENCY', 'SURE', 'WHAT', 'WHERE'].map((text) => paint('bold', text))
  const list = rows.length === 0 ? 'No findings.' : table([head, ...rows])
  return [safe(review.explanation), list].filter((part) => part !== '').join('\n\n')
}

function placeOf({ file, startLine, endLine }: Finding): string {
  if (file === null) return ''
  if (startLine === null) return file
  return endLine === null || endLine === startLine
    ? `${file}:${startLine}`
    : `${file}:${startLine}-${endLine}`
}
