/**
 * What an agent may do to a session: the rules, pure. Everything may be read; sessions it made may be operated; the rest
 * must have been granted; and what its own session, or one that made that, waits for is never its to answer.
 */
import { relative, resolve, sep } from 'node:path'
import type { Grant } from '../../protocol/agent.ts'
import type { MethodName } from '../../protocol/methods.ts'
import type { Summary } from '../../protocol/summary.ts'

/** Who asks. */
export interface Asker {
  readonly agent: string
  readonly grants: readonly Grant[]
  /** Sessions that are the asker itself, the surest first; empty for a program that is no session of this hub. */
  readonly callers: readonly string[]
  /** Sessions of which it is one, where nobody says which: they share the process it comes from. */
  readonly among: readonly string[]
  summaryOf(sessionId: string): Summary | null
}

export type Target = Pick<Summary, 'id' | 'cwd'>

/** The commands that are open to agents at all. What is not listed stays a person's, also what later versions add. */
export const AGENT_COMMANDS: ReadonlySet<MethodName> = new Set([
  'approval/decide',
  'session/archive',
  'session/compact',
  'session/create',
  'session/end',
  'session/fork',
  'session/interrupt',
  'session/markRead',
  'session/rename',
  'session/resume',
  'session/send',
  'session/steer',
  'session/unarchive',
] satisfies MethodName[])

/** A chain longer than this is a fault in what is stored. */
const LONGEST_CHAIN = 100

/** Whether the asker made the session, or something it made did. */
export function isOwn({ agent, callers, summaryOf }: Asker, sessionId: string): boolean {
  for (const { createdBy } of chain(sessionId, summaryOf)) {
    if (!createdBy) return false
    if (createdBy.sessionId !== null && callers.includes(createdBy.sessionId)) return true
    // A program outside the hub is known by its name alone.
    if (callers.length === 0 && createdBy.sessionId === null && createdBy.agent === agent) return true
  }
  return false
}

/** Whether the session is the asker, or made the asker: what it waits for is decided over the asker's head. */
export function isOverAsker({ callers, among, summaryOf }: Asker, sessionId: string): boolean {
  return [...callers, ...among].some((caller) =>
    [...chain(caller, summaryOf)].some(({ id }) => id === sessionId),
  )
}

export function isGranted(grants: readonly Grant[], scope: Grant['scope'], target: Target): boolean {
  return grants.some(
    (grant) =>
      grant.scope === scope &&
      (grant.sessionId === undefined || grant.sessionId === target.id) &&
      (grant.project === undefined || isInside(target.cwd, grant.project)),
  )
}

/** How many agents stand between a person and what the asker makes. */
export function depthOf({ callers, summaryOf }: Asker): number {
  const [caller] = callers
  return ((caller === undefined ? null : summaryOf(caller))?.createdBy?.depth ?? 0) + 1
}

export function isInside(folder: string, top: string): boolean {
  const way = relative(resolve(top), resolve(folder))
  return way === '' || (way !== '..' && !way.startsWith(`..${sep}`) && resolve(way) !== way)
}

const MODES = ['read-only', 'workspace-write', 'danger-full-access'] as const
export type SandboxMode = (typeof MODES)[number]

/** The widest sandbox an asker can pass on: its own. One nobody knows the width of passes on the narrowest. */
export function widestSandbox({ settings }: Pick<Summary, 'settings'>): SandboxMode {
  return MODES.find((mode) => mode === settings.sandbox) ?? 'read-only'
}

export function isWider(mode: SandboxMode, than: SandboxMode): boolean {
  return MODES.indexOf(mode) > MODES.indexOf(than)
}

/** The session, what made it, what made that … */
function* chain(sessionId: string, summaryOf: Asker['summaryOf']): Generator<Summary> {
  let next: string | null = sessionId
  for (let steps = 0; next !== null && steps < LONGEST_CHAIN; steps++) {
    const summary: Summary | null = summaryOf(next)
    if (!summary) return
    yield summary
    next = summary.createdBy?.sessionId ?? null
  }
}
