/** `codex-hub plan`: the plan that a session in Plan mode proposes, accepted or refused. */
import type { Command } from 'commander'
import type { HubClient } from '../../client/client.ts'
import type { Item } from '../../protocol/item.ts'
import { CliError, EXIT } from '../exit.ts'
import { findSession } from '../find-session.ts'
import type { Run } from '../run.ts'
import { safe } from '../text.ts'
import { inputOf, showTaken } from './prompt.ts'

interface PlanOptions {
  readonly accept?: boolean
  readonly refuse?: boolean
  readonly watch?: boolean
}

export function addPlan(program: Command, run: Run): void {
  program
    .command('plan <session> [remark]')
    .description(
      'the plan a session in Plan mode proposes ("send --mode plan"); accept it, or refuse it and say why',
    )
    .option('--accept', 'leave Plan mode and carry it out')
    .option('--refuse', 'stay in Plan mode; with a remark Codex plans again')
    .option('-w, --watch', 'show the turn that follows')
    .addHelpText(
      'after',
      '\nExamples:\n  codex-hub plan Tests\n  codex-hub plan Tests --accept --watch\n  codex-hub plan Tests --refuse "Keep the old names."',
    )
    .action(
      run(async (context, options: PlanOptions, name: string, remark?: string) => {
        const { accept = false, refuse = false } = options
        const hub = await context.hub()
        const { id: sessionId } = await findSession(hub, name)
        if (accept === refuse) {
          if (accept) throw new CliError('Either --accept or --refuse; not both.', EXIT.usage)
          const item = await newestPlan(hub, sessionId)
          context.print(item, () => (item ? safe(String(item.body.text ?? '')).trim() : NO_PLAN))
          return
        }
        const { turnId, item } = await context.command('plan/decide', {
          sessionId,
          decision: accept ? 'accept' : 'refuse',
          ...(remark === undefined ? {} : { input: inputOf(remark, {}) }),
        })
        await showTaken(context, options, { sessionId, turnId, value: { item, turnId } })
      }),
    )
}

const NO_PLAN = 'This session has proposed no plan lately; "codex-hub send --mode plan" asks for one.'
const NEWEST = 200

async function newestPlan(hub: HubClient, sessionId: string): Promise<Item | null> {
  const { items } = await hub.request('session/items', { sessionId, limit: NEWEST })
  return items.find(({ type }) => type === 'plan') ?? null
}
