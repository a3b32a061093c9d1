/** Commands of a round as they are sent, sent again and accounted for. */
import { randomUUID } from 'node:crypto'
import { isDeepStrictEqual } from 'node:util'
import type { HubClient } from '../src/client/client.ts'
import { HubError } from '../src/protocol/errors.ts'
import type { CommandName } from '../src/protocol/methods.ts'
import type { Command, Facts, Outcome } from './facts.ts'
import { Violation } from './waiting.ts'

/** Nothing was tried: whatever was asked for must not have happened. */
const REFUSALS: ReadonlySet<string> = new Set([
  'notPossible',
  'stale',
  'invalidParams',
  'heldElsewhere',
  'unsupported',
  'notFound',
  'sessionNotFound',
])

/**
 * Send every command that was acknowledged once more: its answer must be the same. A session that was seen while it was
 * being made and came to nothing took its receipts along, as a deleted one does.
 */
export async function repeatAll(facts: Facts, hub: HubClient): Promise<void> {
  for (const command of facts.commands) {
    const { sessionId } = command.params
    const isGone = typeof sessionId === 'string' && !facts.sessions.has(sessionId)
    if (command.outcome === 'done' && !isGone) await again(facts, hub, command)
  }
}

/** The hub says that nothing was tried and the same command may pass later. */
export function isUntried(answer: unknown): boolean {
  return answer instanceof HubError && ['storage', 'shuttingDown', 'overloaded'].includes(answer.data.name)
}

export async function again(
  { timeline }: Facts,
  hub: HubClient,
  { id, number, method, params, answer }: Command,
): Promise<void> {
  timeline.note(`#${number} ${method} once more`)
  const second = await hub
    .command(method as CommandName, { ...params, commandId: id } as never)
    .catch((error: unknown) => error)
  if (isUntried(second) || isDeepStrictEqual(second, answer)) return
  const [first, then] = [answer, second].map((each) =>
    each instanceof Error ? String(each) : JSON.stringify(each),
  )
  throw new Violation('answered twice', `${method} ${id} was answered ${first} and then ${then}`)
}

export function newCommand(facts: Facts, method: string, params: Record<string, unknown>): Command {
  const number = facts.commands.length + 1
  const command: Command = { id: randomUUID(), number, method, params, outcome: 'pending', answer: null }
  facts.commands.push(command)
  return command
}

export async function run(
  facts: Facts,
  hub: HubClient,
  method: CommandName,
  params: Record<string, unknown>,
): Promise<{ command: Command; answer: unknown }> {
  const command = newCommand(facts, method, params)
  return { command, answer: await carryOut(facts, hub, command) }
}

export async function carryOut({ timeline }: Facts, hub: HubClient, command: Command): Promise<unknown> {
  const { id, number, method, params } = command
  timeline.note(`#${number} ${method} ${JSON.stringify(params)}`)
  command.outcome = 'pending'
  command.answer = null
  try {
    command.answer = await hub.command(method as CommandName, { ...params, commandId: id } as never)
    command.outcome = 'done'
  } catch (error) {
    command.answer = error
    command.outcome = outcomeOf(error)
    if (error instanceof HubError && error.data.name === 'internal')
      throw new Violation('failed', `${method} was answered "internal": ${error.message}`)
  } finally {
    const { outcome, answer } = command
    timeline.note(`#${number} ${outcome}: ${answer instanceof Error ? answer : JSON.stringify(answer)}`)
  }
  return command.answer
}

function outcomeOf(error: unknown): Outcome {
  return error instanceof HubError && REFUSALS.has(error.data.name) ? 'refused' : 'unknown'
}
