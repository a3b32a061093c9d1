/** Checkpoints by name: `refs/codex-hub/<session>/<turn>/start` and `…/end`. Git itself remembers them. */
import { git } from './tree.ts'

/** How many turns of a session keep theirs. */
const KEPT = 50

export type Side = 'start' | 'end' | 'backup'

export function refOf(sessionId: string, turnId: string, side: Side): string {
  return `refs/codex-hub/${safe(sessionId)}/${safe(turnId)}/${side}`
}

/** Commits by ref. @throws CheckpointError */
export async function listRefs(top: string, sessionId: string): Promise<ReadonlyMap<string, string>> {
  const listed = await git(top, [
    'for-each-ref',
    '--sort=creatordate',
    '--format=%(refname) %(objectname)',
    `refs/codex-hub/${safe(sessionId)}/`,
  ])
  const pairs = listed.split('\n').filter((line) => line !== '')
  return new Map(pairs.map((line) => line.split(' ') as [string, string]))
}

export async function writeRef(top: string, ref: string, commit: string): Promise<void> {
  await git(top, ['update-ref', '--no-deref', ref, commit])
}

/** Let the oldest go. @param kept how many turns keep theirs; 0: none of the session is left */
export async function pruneRefs(top: string, sessionId: string, kept = KEPT): Promise<void> {
  const refs = [...(await listRefs(top, sessionId)).keys()]
  const turns = [...new Set(refs.map(turnOf))]
  const surplus = new Set(turns.slice(0, Math.max(0, turns.length - kept)))
  const gone = refs.filter((ref) => surplus.has(turnOf(ref)))
  if (gone.length === 0) return
  await git(top, ['update-ref', '--no-deref', '--stdin'], {
    input: gone.map((ref) => `delete ${ref}\n`).join(''),
  })
}

const turnOf = (ref: string): string => ref.split('/')[3] ?? ''

/** Ids of old releases have colons, which no ref may have. */
function safe(id: string): string {
  return id.replace(/[^A-Za-z0-9_-]/g, '-')
}
