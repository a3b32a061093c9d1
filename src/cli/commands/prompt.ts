/** A prompt from the command line, and what is shown once it was taken. */
import { existsSync, readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import type { Input } from '../../protocol/input.ts'
import type { Context } from '../context.ts'
import { CliError, EXIT } from '../exit.ts'
import { paint } from '../text.ts'
import { turnOfEntry } from '../watch/queued-turn.ts'
import { watchSession } from '../watch/watch-session.ts'

export interface PromptOptions {
  readonly watch?: boolean
  readonly image?: string[]
}

/** @throws CliError for an empty prompt or an image that is not there */
export function inputOf(prompt: string, { image = [] }: PromptOptions): Input {
  const text = prompt === '-' ? readFileSync(0, 'utf8') : prompt
  if (text.trim() === '') throw new CliError('The prompt is empty.', EXIT.usage)
  const missing = image.find((path) => !existsSync(path))
  if (missing !== undefined) throw new CliError(`There is no image ${missing}.`, EXIT.usage)
  return [
    { type: 'text', text },
    ...image.map((path) => ({ type: 'localImage' as const, path: resolve(path) })),
  ]
}

/** Follow the turn to its end with `--watch`, else say how to. */
export async function showTaken(
  context: Context,
  { watch }: PromptOptions,
  taken: {
    readonly sessionId: string
    readonly turnId: string | null
    readonly value: object
    /** Where it waits in the queue. */
    readonly entryId?: string | null
  },
): Promise<void> {
  const { sessionId, value, entryId = null } = taken
  if (watch && entryId !== null && !context.isJson) {
    console.log(paint('dim', `It waits in the queue: codex-hub queue ${sessionId}`))
  }
  const turnId =
    watch && entryId !== null ? await turnOfEntry(await context.hub(), sessionId, entryId) : taken.turnId
  if (watch && entryId !== null && turnId === null)
    throw new CliError('It was taken out of the queue.', EXIT.failed)
  if (watch && turnId !== null) {
    if (!context.isJson) console.log(paint('dim', sessionId))
    const ending = await watchSession(await context.hub(), sessionId, {
      json: context.isJson,
      untilIdle: true,
      turnId,
    })
    if (ending === 'failed') process.exitCode = EXIT.failed
    return
  }
  context.print(value, () => {
    // A program takes the id; a person is told what can be done with it.
    const how = entryId === null ? `codex-hub watch ${sessionId}` : `It waits: codex-hub queue ${sessionId}`
    return process.stdout.isTTY ? `${sessionId}\n${paint('dim', how)}` : sessionId
  })
}
