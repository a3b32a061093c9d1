/** Why a work tree is not made or removed: each a `notPossible` with its reason. */
import { HubError } from '../../protocol/errors.ts'
import { changedFiles, isReachable, type ListedWorktree, type Repository } from './repository.ts'

const FILES_NAMED = 20

export function refused(reason: string, message: string, facts: Record<string, unknown>): HubError {
  return new HubError('notPossible', message, { reason, ...facts })
}

export function gitRefused(what: string, complaint: string, facts: Record<string, unknown>): HubError {
  return refused('gitRefused', `Git did not ${what}: ${complaint}`, { ...facts, complaint })
}

/** @throws HubError where something would be lost */
export async function refuseRemoval(
  { main }: Repository,
  listed: ListedWorktree,
  force: boolean,
): Promise<void> {
  const { path, branch, sha, isMain, isLocked, isMissing } = listed
  if (isMain)
    throw refused('mainWorktree', `${path} is the repository itself, not one of its work trees.`, { path })
  if (force || isMissing) return
  if (isLocked) throw refused('locked', `${path} is locked with "git worktree lock".`, { path })
  const changed = await changedFiles(path)
  if (changed === null || changed.length > 0) {
    const count = changed?.length ?? 0
    const files = (changed ?? []).slice(0, FILES_NAMED)
    const message = `${path} has ${count} ${count === 1 ? 'file' : 'files'} with changes that are not committed.`
    throw refused('uncommittedChanges', message, { path, changes: count, files })
  }
  if (branch === null && sha !== null && !(await isReachable(main, sha))) {
    throw refused('commitsWithoutBranch', `${path} has commits that no branch holds.`, { path, sha })
  }
}
