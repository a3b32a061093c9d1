/**
 * Makes and removes git work trees for sessions. **Invariant:** the folders that are there already keep their index,
 * stash, HEAD and files as they are, and what could not be made whole is taken away again.
 */
import { mkdir, rm, rmdir, stat } from 'node:fs/promises'
import { basename, dirname, isAbsolute, join, resolve } from 'node:path'
import { HubError } from '../../protocol/errors.ts'
import type { MadeWorktree, Worktree, WorktreeRequest } from '../../protocol/worktree.ts'
import { runGit } from '../git.ts'
import { copyIncluded } from './include.ts'
import { gitRefused, refused, refuseRemoval } from './refusals.ts'
import {
  branchCommit,
  changedFiles,
  commitOf,
  findRepository,
  isBranchName,
  type ListedWorktree,
  listWorktrees,
  type Repository,
} from './repository.ts'
import { wordsOf } from './words.ts'

/** A large checkout, or a hook of the repository. Milliseconds. */
const MAKE_MS = 120_000
/** Branches whose name nobody chose begin with this. */
const OWN_BRANCHES = 'codex/'
const MOST_TRIES = 100

/** A work tree with a session's folder in it. */
export interface Prepared {
  readonly worktree: MadeWorktree
  /** The folder that was asked for, in the new work tree. */
  readonly cwd: string
  /** Take it away again, with its branch where that was made. */
  undo(): Promise<void>
}

interface Plan {
  readonly path: string
  readonly branch: string
  readonly sha: string
  readonly isNewBranch: boolean
}

export class Worktrees {
  /** Where they are made, by repository; null: beside each repository. */
  readonly #folder: string | null
  /** One change at a time for each repository. */
  readonly #work = new Map<string, Promise<unknown>>()

  constructor(folder: string | null) {
    this.#folder = folder
  }

  /** @throws HubError `notPossible` outside a repository */
  async list(cwd: string): Promise<Omit<Worktree, 'sessions'>[]> {
    const { top } = await findRepository(cwd)
    return Promise.all(
      (await listWorktrees(top)).map(async (listed) => ({
        ...listed,
        changes: listed.isMissing ? null : ((await changedFiles(listed.path))?.length ?? null),
      })),
    )
  }

  /**
   * @param words what a branch nobody named is called after
   * @throws HubError `notPossible` with a reason, `invalidPath`, or `invalidParams` for what is no branch's name
   */
  async make(cwd: string, request: WorktreeRequest, words: string): Promise<Prepared> {
    const repository = await findRepository(cwd)
    return this.#alone(repository.main, async () => {
      const plan = await this.#plan(repository, request, words)
      return this.#make(repository, plan)
    })
  }

  /**
   * Remove one; its branch stays. @param cwd a folder of its repository, where its own is gone
   * @throws HubError `notPossible` with a reason, `notFound`
   */
  async remove(path: string, cwd: string | null, force: boolean): Promise<ListedWorktree> {
    const isThere = (await stat(path).catch(() => null))?.isDirectory() === true
    const repository = await findRepository(isThere ? path : (cwd ?? dirname(path)))
    return this.#alone(repository.main, async () => {
      const wanted = isThere ? repository.top : resolve(path)
      const listed = (await listWorktrees(repository.main)).find((each) => each.path === wanted)
      // A link to it is the work tree; a folder in it is not.
      if (!listed || (isThere && repository.prefix !== '')) {
        throw new HubError('notFound', `${path} is no work tree of ${repository.main}.`, { path })
      }
      await refuseRemoval(repository, listed, force)
      const answer = await runGit(
        repository.main,
        ['worktree', 'remove', ...(force || listed.isMissing ? ['--force', '--force'] : []), listed.path],
        { timeoutMs: MAKE_MS },
      )
      if (!answer.isOk) throw gitRefused('remove the work tree', answer.complaint, { path })
      return listed
    })
  }

  async #plan(repository: Repository, request: WorktreeRequest, words: string): Promise<Plan> {
    const { top } = repository
    const { branch, newBranch, from = 'HEAD' } = request
    if (branch !== undefined) {
      const sha = await branchCommit(top, branch)
      if (sha === null) throw refused('branchMissing', `There is no branch ${branch}.`, { branch })
      const elsewhere = (await listWorktrees(top)).find((each) => each.branch === branch)
      if (elsewhere) {
        const message = `The branch ${branch} is checked out in ${elsewhere.path}.`
        throw refused('branchCheckedOut', message, { branch, path: elsewhere.path })
      }
      return { path: await this.#free(repository, request, branch), branch, sha, isNewBranch: false }
    }
    const sha = await commitOf(top, from)
    if (sha === null) {
      throw from === 'HEAD'
        ? refused('noCommit', 'The repository has no commit yet.', { cwd: top })
        : refused('commitMissing', `There is no commit ${from}.`, { from })
    }
    if (newBranch === undefined)
      return { ...(await this.#made(repository, request, words)), sha, isNewBranch: true }
    if (!(await isBranchName(top, newBranch))) {
      throw new HubError('invalidParams', `"${newBranch}" cannot be the name of a branch.`, {
        field: 'worktree.newBranch',
      })
    }
    if (await branchCommit(top, newBranch)) {
      throw refused('branchExists', `There is a branch ${newBranch} already.`, { branch: newBranch })
    }
    const path = await this.#free(repository, request, newBranch)
    return { path, branch: newBranch, sha, isNewBranch: true }
  }

  /** A branch after the session, and its place; numbered where both are taken. */
  async #made(repository: Repository, request: WorktreeRequest, words: string) {
    const name = `${OWN_BRANCHES}${wordsOf(words)}`
    for (let number = 1; number <= MOST_TRIES; number++) {
      const branch = number === 1 ? name : `${name}-${number}`
      if (await branchCommit(repository.top, branch)) continue
      const path = request.path ?? this.#placeOf(repository, branch)
      if (request.path === undefined && (await exists(path))) continue
      return { branch, path: await this.#free(repository, { path }, branch) }
    }
    throw refused('branchExists', `Too many branches are called ${name}; name one.`, { branch: name })
  }

  /** @throws HubError `notPossible` `pathTaken`, or `invalidPath` */
  async #free(repository: Repository, { path }: WorktreeRequest, branch: string): Promise<string> {
    const place = path ?? this.#placeOf(repository, branch)
    if (!isAbsolute(place)) {
      throw new HubError('invalidPath', `${place} is not an absolute path.`, { path: place })
    }
    if (await exists(place)) throw pathTaken(place)
    return resolve(place)
  }

  #placeOf({ main }: Repository, branch: string): string {
    const name = branch.replace(OWN_BRANCHES, '').replaceAll(/[/\\:]+/g, '-')
    return this.#folder === null ? join(`${main}.worktrees`, name) : join(this.#folder, basename(main), name)
  }

  async #make(repository: Repository, plan: Plan): Promise<Prepared> {
    const { path, branch, sha, isNewBranch } = plan
    const made = await makeFolder(path)
    const undo = () => this.#undo(repository, plan, made)
    // Without `--no-track` git may follow the branch it starts from, and a push would go there.
    const what = isNewBranch ? ['--no-track', '-b', branch, path, sha] : [path, branch]
    const answer = await runGit(repository.top, ['worktree', 'add', ...what], { timeoutMs: MAKE_MS })
    if (!answer.isOk) {
      await undo()
      throw gitRefused('make the work tree', answer.complaint, { path, branch })
    }
    const included = await copyIncluded(repository.top, path)
    const folder = join(path, repository.prefix)
    const cwd = (await exists(folder)) ? folder : path
    return { worktree: { path, branch, sha, included }, cwd, undo: () => this.#alone(repository.main, undo) }
  }

  /** **Invariant:** only what was made here is taken away: its path did not exist, nor did its branch where it is new. */
  async #undo({ main }: Repository, plan: Plan, made: string): Promise<void> {
    const { path, branch, sha, isNewBranch } = plan
    await runGit(main, ['worktree', 'remove', '--force', '--force', path], { timeoutMs: MAKE_MS })
    await rm(path, { recursive: true, force: true })
    if (isNewBranch) await runGit(main, ['update-ref', '-d', `refs/heads/${branch}`, sha])
    // Folders made on the way to it go as long as nothing else is in them.
    for (let folder = dirname(path); folder.startsWith(made); folder = dirname(folder)) {
      const isGone = await rmdir(folder).then(
        () => true,
        () => false,
      )
      if (!isGone) return
    }
  }

  #alone<T>(repository: string, work: () => Promise<T>): Promise<T> {
    const run = (this.#work.get(repository) ?? Promise.resolve()).then(work)
    this.#work.set(
      repository,
      run.catch(() => {}),
    )
    return run
  }
}

/**
 * Make the folder, which becomes ours by that: somebody else's is never taken for it, nor taken away.
 * @returns the highest folder that had to be made. @throws HubError
 */
async function makeFolder(path: string): Promise<string> {
  const bad = (error: Error) =>
    new HubError('invalidPath', `${path} cannot be made: ${error.message}`, { path })
  const made = await mkdir(dirname(path), { recursive: true }).catch((error: Error) => {
    throw bad(error)
  })
  await mkdir(path).catch((error: NodeJS.ErrnoException) => {
    throw error.code === 'EEXIST' ? pathTaken(path) : bad(error)
  })
  return made ?? path
}

function pathTaken(path: string): HubError {
  return refused('pathTaken', `${path} is there already.`, { path })
}

async function exists(path: string): Promise<boolean> {
  return (await stat(path).catch(() => null)) !== null
}
