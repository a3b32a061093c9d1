/** `codex-hub watch`: the live text of a session, line by line as it comes. */
import type { Command } from 'commander'
import type { HubClient } from '../../client/client.ts'
import type { Approval } from '../../protocol/approval.ts'
import type { Item } from '../../protocol/item.ts'
import type { SessionState } from '../../protocol/session-state.ts'
import type { Run } from '../main.ts'
import { oneLine, paint, safe } from '../text.ts'

export function addWatch(program: Command, run: Run): void {
  program
    .command('watch <session>')
    .description('show a session as it goes on')
    .option('-u, --until-idle', 'end when no turn is running')
    .action(
      run(async (context, options: { untilIdle?: boolean }, name: string) => {
        const { id } = await context.session(name)
        await watchSession(await context.hub(), id, {
          json: context.isJson,
          untilIdle: options.untilIdle === true,
        })
      }),
    )
}

/** Print what is there and what comes, until the turn ends or the person stops it. */
export async function watchSession(
  hub: HubClient,
  sessionId: string,
  { json, untilIdle, turnId }: { json: boolean; untilIdle: boolean; turnId?: string },
): Promise<void> {
  const printer = new Printer(json, sessionId, turnId)
  const session = hub.session(sessionId)
  await new Promise<void>((resolve) => {
    const look = (): void => {
      const { state, status } = session.getSnapshot()
      if (status === 'gone') resolve()
      if (!state || status === 'loading') return
      printer.show(state)
      if (untilIdle && isOver(state, turnId)) resolve()
    }
    session.subscribe(look)
    look()
    process.once('SIGINT', () => resolve())
  })
  printer.end()
}

function isOver({ summary, turns }: SessionState, turnId: string | undefined): boolean {
  if (['starting', 'recovering', 'working', 'awaitingApproval'].includes(summary.phase)) return false
  const turn = turnId === undefined ? turns.at(-1) : turns.find(({ id }) => id === turnId)
  return turn !== undefined && turn.status !== 'inProgress'
}

/** Remembers how much of each text stands on the screen already. */
class Printer {
  readonly #json: boolean
  readonly #sessionId: string
  /** Only this turn is shown, when it is set. */
  readonly #turnId: string | undefined
  readonly #printed = new Map<string, number>()
  readonly #seen = new Set<string>()
  #open: string | null = null

  constructor(json: boolean, sessionId: string, turnId: string | undefined) {
    this.#json = json
    this.#sessionId = sessionId
    this.#turnId = turnId
  }

  show(state: SessionState): void {
    const isShown = (turnId: string | null) => this.#turnId === undefined || turnId === this.#turnId
    for (const item of state.items) if (isShown(item.turnId)) this.#item(item)
    for (const approval of state.approvals) if (isShown(approval.turnId)) this.#approval(approval)
    for (const turn of state.turns) {
      if (turn.status === 'inProgress' || !isShown(turn.id)) continue
      this.#once(`turn ${turn.id} ${turn.status}`, { turn }, () => {
        const why = turn.error ? `: ${oneLine(turn.error.message, 200)}` : ''
        return turn.status === 'completed' ? null : paint('red', `turn ${turn.status}${why}`)
      })
    }
    const { problem } = state.summary
    if (problem) this.#once(`problem ${problem.at}`, { problem }, () => paint('red', safe(problem.message)))
  }

  end(): void {
    this.#break()
  }

  #item(item: Item): void {
    const { text, command, aggregatedOutput, exitCode, content, changes } = item.body
    if (item.type === 'agentMessage' && typeof text === 'string') {
      this.#grow(item.id, text, '')
      return
    }
    if (item.type === 'userMessage') {
      const said =
        (content as { text?: string }[] | undefined)?.map((part) => part.text ?? '').join(' ') ?? ''
      this.#once(item.id, { item }, () => paint('cyan', `> ${safe(said)}`))
    } else if (item.type === 'commandExecution') {
      this.#once(item.id, { item }, () => paint('magenta', `$ ${oneLine(String(command ?? ''), 200)}`))
      if (typeof aggregatedOutput === 'string') this.#grow(`${item.id} out`, aggregatedOutput, '  ')
      if (item.status !== 'inProgress') {
        const ending = typeof exitCode === 'number' ? `exit ${exitCode}` : item.status
        this.#once(`${item.id} end`, { item }, () => paint('dim', `  ${ending}`))
      }
    } else if (item.status !== 'inProgress') {
      const paths = Array.isArray(changes)
        ? changes.map((change: { path?: string }) => change.path).join(', ')
        : ''
      this.#once(item.id, { item }, () =>
        paint('dim', `[${item.type}${paths ? ` ${oneLine(paths, 150)}` : ''}]`),
      )
    }
  }

  #approval(approval: Approval): void {
    const { id, state, title, reason, choices, outcome } = approval
    if (state === 'pending') {
      this.#once(id, { approval }, () =>
        [
          paint('yellow', `? ${oneLine(title, 300)}${reason ? ` (${oneLine(reason, 200)})` : ''}`),
          ...choices.map((choice) => `    ${choice.id.padEnd(28)} ${safe(choice.label)}`),
          paint('dim', `  codex-hub approve ${this.#sessionId} | codex-hub deny ${this.#sessionId}`),
        ].join('\n'),
      )
    } else if (this.#seen.has(id)) {
      const who = outcome?.by
        ? `${outcome.choice ?? 'answered'} by ${safe(outcome.by.name)}`
        : (outcome?.why ?? state)
      this.#once(`${id} ended`, { approval }, () => paint('dim', `  ${who}`))
    }
  }

  #grow(key: string, text: string, indent: string): void {
    const printed = this.#printed.get(key) ?? 0
    if (text.length === printed) return
    // A text that became shorter was replaced by its final form: what stands there is wrong, so it is told again.
    const fresh = text.length > printed ? text.slice(printed) : `\n${text}`
    this.#printed.set(key, text.length)
    if (this.#json) {
      console.log(JSON.stringify({ append: { key: key.split(' ')[0], text: fresh } }))
      return
    }
    if (this.#open !== key) this.#break()
    this.#open = key
    process.stdout.write(safe(indent ? fresh.replace(/^(?=.)/gm, indent) : fresh))
  }

  #once(key: string, value: object, line: () => string | null): void {
    if (this.#seen.has(key)) return
    this.#seen.add(key)
    if (this.#json) {
      console.log(JSON.stringify(value))
      return
    }
    const text = line()
    if (text === null) return
    this.#break()
    console.log(text)
  }

  #break(): void {
    if (this.#open !== null) process.stdout.write('\n')
    this.#open = null
  }
}
