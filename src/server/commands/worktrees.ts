/** Git work trees, and the sessions in them. */
import { sep } from 'node:path'
import { HubError } from '../../protocol/errors.ts'
import type { WorktreeRequest } from '../../protocol/worktree.ts'
import type { HubRooms } from '../rooms.ts'
import type { Session } from '../session/session.ts'
import type { Prepared } from '../worktrees/worktrees.ts'
import type { Handlers } from './dispatch.ts'
import { checkFolder } from './folder.ts'
import { keepFromTurns } from './prompts.ts'

type Names = 'worktree/list' | 'worktree/create' | 'worktree/remove'

export const worktreeHandlers: Pick<Handlers, Names> = {
  async 'worktree/list'(rooms, { cwd }) {
    await checkFolder(cwd)
    const worktrees = await rooms.worktrees.list(cwd)
    return {
      worktrees: worktrees.map((each) => ({
        ...each,
        sessions: sessionsIn(rooms, each.path).map(({ id }) => id),
      })),
    }
  },
  async 'worktree/create'(rooms, { cwd, worktree }) {
    await checkFolder(cwd)
    const made = await rooms.worktrees.make(cwd, worktree, 'session')
    return { worktree: made.worktree }
  },
  async 'worktree/remove'(rooms, { path, cwd, force }) {
    const members = sessionsIn(rooms, path)
    // Until it is gone: a turn that begins meanwhile would work in a folder that is being removed under it.
    const mayGoOn = await keepAllFromTurns(members, path)
    try {
      const removed = await rooms.worktrees.remove(path, cwd ?? null, force)
      // A process would go on in a folder that is gone.
      for (const session of members) {
        await session.door.settled()
        if (session.connector?.door === 'driven') await rooms.registry.stop(session.id, { rest: 'dormant' })
      }
      return { path: removed.path, branch: removed.branch }
    } finally {
      mayGoOn()
    }
  },
}

/** Run with the folder a session is to work in: a new work tree where one is wanted, which goes again if `run` fails. */
export async function inFolder<T>(
  rooms: HubRooms,
  place: { readonly cwd: string; readonly worktree: WorktreeRequest | undefined; readonly words: string },
  run: (cwd: string) => Promise<T>,
): Promise<T & { worktree: Prepared['worktree'] | null }> {
  await checkFolder(place.cwd)
  if (!place.worktree) return { ...(await run(place.cwd)), worktree: null }
  const prepared = await rooms.worktrees.make(place.cwd, place.worktree, place.words)
  try {
    return { ...(await run(prepared.cwd)), worktree: prepared.worktree }
  } catch (error) {
    await prepared.undo()
    throw error
  }
}

/** @throws HubError `notPossible` with the session in which a turn runs; then none is kept */
async function keepAllFromTurns(sessions: readonly Session[], path: string): Promise<() => void> {
  for (const { door } of sessions) await door.settled()
  const releases: (() => void)[] = []
  const mayGoOn = (): void => {
    for (const release of releases) release()
  }
  for (const session of sessions) {
    try {
      releases.push(keepFromTurns(session))
    } catch {
      mayGoOn()
      throw new HubError(
        'notPossible',
        `A turn of session ${session.id} runs in ${path}; interrupt it first.`,
        {
          reason: 'turnInProgress',
          sessionId: session.id,
        },
      )
    }
  }
  return mayGoOn
}

function sessionsIn({ registry }: HubRooms, path: string): Session[] {
  return [...registry.sessions].filter(
    ({ summary: { cwd } }) => cwd === path || cwd.startsWith(path.endsWith(sep) ? path : `${path}${sep}`),
  )
}
