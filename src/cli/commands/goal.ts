/** `codex-hub goal`: what a session works towards by itself. */
import type { Command } from 'commander'
import type { Goal } from '../../protocol/goal.ts'
import { CliError, EXIT } from '../exit.ts'
import { findSession } from '../find-session.ts'
import { type Run, wholeNumber } from '../run.ts'
import { paint, safe } from '../text.ts'

interface GoalOptions {
  readonly pause?: boolean
  readonly resume?: boolean
  readonly clear?: boolean
  readonly budget?: number
}

export function addGoal(program: Command, run: Run): void {
  program
    .command('goal <session> [objective]')
    .description('what a session works towards, turn after turn, by itself: show, set, pause, resume, clear')
    .option('--pause', 'begin no more turns for it')
    .option('--resume', 'go on with it')
    .option('--clear', 'forget it')
    .option('--budget <tokens>', 'stop when so many were used', wholeNumber(1_000_000_000))
    .addHelpText(
      'after',
      '\nExamples:\n  codex-hub goal Tests\n  codex-hub goal Tests "All tests pass" --budget 200000\n  codex-hub goal Tests --pause',
    )
    .action(
      run(async (context, options: GoalOptions, name: string, objective?: string) => {
        const { pause = false, resume = false, clear = false, budget } = options
        if (Number(pause) + Number(resume) + Number(clear) > 1) {
          throw new CliError('One of --pause, --resume and --clear.', EXIT.usage)
        }
        const { id: sessionId } = await findSession(await context.hub(), name)
        if (clear) {
          const done = await context.command('goal/clear', { sessionId })
          context.print(done, () => (done.cleared ? 'The goal is forgotten.' : 'There was no goal.'))
          return
        }
        const status = pause ? ('paused' as const) : resume ? ('active' as const) : undefined
        if (objective === undefined && status === undefined && budget === undefined) {
          const { goal } = await (await context.hub()).request('goal/get', { sessionId })
          context.print(goal, () => (goal ? textOf(goal) : 'This session has no goal.'))
          return
        }
        const { goal } = await context.command('goal/set', {
          sessionId,
          ...(objective === undefined ? {} : { objective }),
          ...(status === undefined ? {} : { status }),
          ...(budget === undefined ? {} : { tokenBudget: budget }),
        })
        context.print(goal, () => textOf(goal))
      }),
    )
}

function textOf({ objective, status, tokensUsed, tokenBudget }: Goal): string {
  const of = tokenBudget === null ? '' : ` of ${tokenBudget.toLocaleString('en')}`
  return `${paint('bold', safe(objective))}\n${safe(status)}, ${tokensUsed.toLocaleString('en')}${of} tokens used`
}
