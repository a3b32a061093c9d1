/**
 * Gives the files that turns changed the content they had before. **Invariant:** what anybody else changed since is never
 * overwritten: either all files can be restored, or none is and the refusal names those that cannot.
 */
import type { Clock } from '../../base/clock.ts'
import { HubError } from '../../protocol/errors.ts'
import type { ResultOf } from '../../protocol/methods.ts'
import type { Session } from '../session/session.ts'
import type { Checkpoints } from './checkpoints.ts'
import { listRefs, refOf, writeRef } from './refs.ts'
import {
  CheckpointError,
  changesBetween,
  commitTree,
  type FileChange,
  restoreFiles,
  topOf,
  writeTree,
} from './tree.ts'

type Files = ResultOf<'session/revert'>['files']

/** How long looking at the files may take; here somebody waits for it. Milliseconds. */
const LOOK_MS = 60_000
/** How many files a refusal names. */
const NAMED = 100

/** What is to be done to the files; nothing was changed yet. */
export interface RestorePlan {
  apply(): Promise<Files>
}

/**
 * @param turnIds the turns that are taken back, oldest first
 * @throws HubError `notPossible`: `noRepository`, `noCheckpoint`, `newerEdits` with the files, `gitFailed`
 */
export async function planRestore(
  session: Session,
  turnIds: readonly string[],
  { checkpoints, clock }: { checkpoints: Checkpoints; clock: Clock },
): Promise<RestorePlan> {
  const { id: sessionId } = session
  await checkpoints.settled(sessionId)
  const top = await topOf(session.summary.cwd)
  if (top === null) throw impossible('noRepository', `${session.summary.cwd} is in no git repository.`)
  try {
    const { start, touched, others, now } = await compare(top, sessionId, turnIds)
    const edited = [...touched].filter((path) => others.has(path)).sort()
    if (edited.length > 0) {
      throw impossible('newerEdits', 'Files that these turns changed were changed by somebody else too.', {
        paths: edited.slice(0, NAMED),
        total: edited.length,
      })
    }
    const changes = (await changesBetween(top, start, now)).filter(({ path }) => touched.has(path))
    return { apply: () => apply(top, sessionId, { start, now, changes }, clock.now()) }
  } catch (error) {
    if (!(error instanceof CheckpointError)) throw error
    throw impossible('gitFailed', `git could not compare the files: ${error.message}`)
  }
}

/** Which files the turns changed, and which changed between them and after the last of them. */
async function compare(top: string, sessionId: string, turnIds: readonly string[]) {
  const refs = await listRefs(top, sessionId)
  const sides = turnIds.map((turnId) => ({
    turnId,
    start: refs.get(refOf(sessionId, turnId, 'start')),
    end: refs.get(refOf(sessionId, turnId, 'end')),
  }))
  const missing = sides.filter(({ start, end }) => !start || !end).map(({ turnId }) => turnId)
  const first = sides[0]?.start
  if (missing.length > 0 || first === undefined) {
    throw impossible(
      'noCheckpoint',
      'It is not known what the files were like before and after each of these turns.',
      {
        turnIds: missing.slice(0, NAMED),
      },
    )
  }
  const now = await writeTree(top, LOOK_MS)
  const touched = new Set<string>()
  const others = new Set<string>()
  for (const [index, { start, end }] of sides.entries()) {
    const next = sides[index + 1]?.start ?? now
    for (const { path } of await changesBetween(top, String(start), String(end))) touched.add(path)
    for (const { path } of await changesBetween(top, String(end), next)) others.add(path)
  }
  return { start: first, touched, others, now }
}

async function apply(
  top: string,
  sessionId: string,
  { start, now, changes }: { start: string; now: string; changes: readonly FileChange[] },
  at: number,
): Promise<Files> {
  const paths = changes.map(({ path }) => path).sort()
  if (paths.length === 0)
    return { state: 'restored', message: 'These turns changed no files.', paths, backup: null }
  const backup = refOf(sessionId, `before-restore-${at}`, 'backup')
  try {
    await writeRef(top, backup, await commitTree(top, now, 'codex-hub: before files were restored'))
    await restoreFiles(top, start, changes)
    const message = `${paths.length === 1 ? 'One file has' : `${paths.length} files have`} its earlier content again.`
    return {
      state: 'restored',
      message: message.replace('files have its', 'files have their'),
      paths,
      backup,
    }
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    const message = `The history was reverted, but not all files could be restored: ${why}`
    return { state: 'failed', message, paths, backup }
  }
}

function impossible(reason: string, message: string, facts: Record<string, unknown> = {}): HubError {
  return new HubError('notPossible', `${message} Nothing was changed.`, { reason, ...facts })
}
