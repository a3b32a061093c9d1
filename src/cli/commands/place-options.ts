/** The options that say which Codex is meant: a session's, a home's, or the hub's own. */
import { resolve } from 'node:path'
import type { Command } from 'commander'
import type { Context } from '../context.ts'
import { findSession } from '../find-session.ts'

export interface PlaceOptions {
  readonly session?: string
  readonly home?: string
}

/** Codex may have to be started, and may look at things of its own that take their time. Milliseconds. */
export const ASK_MS = 120_000

export function withPlace(command: Command): Command {
  return command
    .option('-S, --session <session>', "as this session's Codex has it")
    .option('-H, --home <folder>', 'on this Codex home, one of "codex-hub adopt"')
}

export async function placeOf(
  context: Context,
  { session, home }: PlaceOptions,
): Promise<{ sessionId?: string; home?: string }> {
  if (session !== undefined) return { sessionId: (await findSession(await context.hub(), session)).id }
  return home === undefined ? {} : { home: resolve(home) }
}
