/** `codex-hub queue`: the prompts of a session that wait, and what can be done to them. */
import type { Command } from 'commander'
import type { Queue, QueueEntry } from '../../protocol/queue.ts'
import type { Context } from '../context.ts'
import { CliError, EXIT } from '../exit.ts'
import { findSession } from '../find-session.ts'
import { collect, type Run } from '../run.ts'
import { oneLine, paint, safe, table } from '../text.ts'
import { timeOf, timeText } from '../time.ts'
import { inputOf, type PromptOptions } from './prompt.ts'
import { type SettingsOptions, settingsOf, withSettings } from './settings-options.ts'

interface QueueOptions extends PromptOptions, SettingsOptions {
  readonly at?: number | null
}

interface Step {
  readonly context: Context
  readonly sessionId: string
  readonly options: QueueOptions
  readonly queue: Queue
}

type Action = (step: Step, args: readonly string[]) => Promise<Queue>

const ACTIONS: Readonly<Record<string, Action>> = {
  list: async ({ queue }) => queue,
  async add({ context, sessionId, options }, [prompt]) {
    await context.command('queue/add', {
      sessionId,
      input: inputOf(needed(prompt, 'the prompt'), options),
      settings: settingsOf(options),
      ...(typeof options.at === 'number' ? { notBefore: options.at } : {}),
    })
    return listOf(context, sessionId)
  },
  async edit({ context, sessionId, options, queue }, [name, prompt]) {
    const { id: entryId, edition } = entryOf(queue, name)
    const settings = settingsOf(options)
    await context.command('queue/edit', {
      sessionId,
      entryId,
      edition,
      ...(prompt === undefined ? {} : { input: inputOf(prompt, options) }),
      ...(Object.keys(settings).length === 0 ? {} : { settings }),
      ...(options.at === undefined ? {} : { notBefore: options.at }),
    })
    return listOf(context, sessionId)
  },
  async move({ context, sessionId, queue }, [name, place]) {
    const { id: entryId } = entryOf(queue, name)
    const others = queue.entries.filter(({ id }) => id !== entryId)
    const index = Number(needed(place, 'its new place'))
    if (!Number.isInteger(index) || index < 1) throw new CliError('A place is 1 or more.', EXIT.usage)
    const before = others[index - 1]?.id ?? null
    return (await context.command('queue/move', { sessionId, entryId, before })).queue
  },
  async remove({ context, sessionId, queue }, [name]) {
    const { id: entryId } = entryOf(queue, name)
    return (await context.command('queue/remove', { sessionId, entryId })).queue
  },
  async steer({ context, sessionId, queue }, [name]) {
    await context.command('queue/steer', { sessionId, entryId: entryOf(queue, name).id })
    return listOf(context, sessionId)
  },
  async retry({ context, sessionId, queue }, [name]) {
    const { id: entryId } = entryOf(queue, name)
    return (await context.command('queue/retry', { sessionId, entryId })).queue
  },
  pause: async ({ context, sessionId }) => (await context.command('queue/pause', { sessionId })).queue,
  resume: async ({ context, sessionId }) => (await context.command('queue/resume', { sessionId })).queue,
}

const EXAMPLES = `
Actions:
  list                     what waits, in the order in which it is sent (the default)
  add <prompt>             one more at the end; --at for a time
  edit <entry> [<prompt>]  another prompt, other settings, or another time (--at never: none)
  move <entry> <place>     1 is next
  remove <entry>           discard it
  steer <entry>            into the turn that runs, now
  retry <entry>            send again what may or may not have been sent
  pause, resume            hold the queue, and let it go on

An entry is named by its place in the list, or by its id.

Examples:
  codex-hub queue Tests add "then update the docs" --at 18:30
  codex-hub queue Tests move 3 1`

export function addQueue(program: Command, run: Run): void {
  withSettings(program.command('queue <session> [action] [args...]'))
    .description('prompts that wait until the session is free, or for their time')
    .option('--at <time>', 'not before this time: 18:30, +2h, or 2026-12-24T18:00', timeOrNever)
    .option('-i, --image <file>', 'send an image along; may be repeated', collect)
    .addHelpText('after', EXAMPLES)
    .action(
      run(
        async (
          context,
          options: QueueOptions,
          name: string,
          given: string | undefined,
          args: readonly string[],
        ) => {
          const action = given ?? 'list'
          const act = Object.hasOwn(ACTIONS, action) ? ACTIONS[action] : undefined
          if (!act) {
            const known = Object.keys(ACTIONS).join(', ')
            throw new CliError(`"${safe(action)}" is none of ${known}.`, EXIT.usage)
          }
          const { id: sessionId } = await findSession(await context.hub(), name)
          const before = await listOf(context, sessionId)
          const queue = await act({ context, sessionId, options, queue: before }, args)
          context.print(queue, () => textOf(queue))
        },
      ),
    )
}

function timeOrNever(text: string): number | null {
  return text === 'never' ? null : timeOf(text)
}

function needed(value: string | undefined, what: string): string {
  if (value !== undefined) return value
  throw new CliError(`It lacks ${what}; "codex-hub queue --help" shows the actions.`, EXIT.usage)
}

async function listOf(context: Context, sessionId: string): Promise<Queue> {
  return (await (await context.hub()).request('queue/list', { sessionId })).queue
}

/** @throws CliError when none is meant */
function entryOf({ entries }: Queue, name: string | undefined): QueueEntry {
  const wanted = needed(name, 'the entry')
  const entry = entries.find(({ id }) => id === wanted) ?? entries[Number(wanted) - 1]
  if (entry) return entry
  const how = entries.length === 0 ? 'the queue is empty' : `there are ${entries.length}`
  throw new CliError(`No entry "${safe(wanted)}" in this queue; ${how}.`, EXIT.failed)
}

function textOf({ entries, hold }: Queue): string {
  if (entries.length === 0 && !hold) return 'Nothing waits.'
  const rows = entries.map((entry, index) => [
    String(index + 1),
    stateText(entry),
    `${oneLine(entry.text, 80)}${entry.attachments > 0 ? paint('dim', ` +${entry.attachments}`) : ''}`,
  ])
  const held = hold
    ? [paint('yellow', `Held: ${safe(hold.message)} "codex-hub queue … resume" lets it go on.`)]
    : []
  return [...held, ...(rows.length > 0 ? [table(rows)] : [])].join('\n')
}

function stateText({ state, notBefore, problem }: QueueEntry): string {
  if (state === 'sending') return 'is being sent'
  if (state === 'indeterminate') return paint('yellow', 'sent? retry or remove it')
  if (problem !== null) return paint('yellow', oneLine(problem, 40))
  return notBefore === null ? 'waits' : `at ${timeText(notBefore)}`
}
