/** The refusals an agent meets, each with what to do next, and what its new sessions are held to. The rules are `gate.ts`'s. */
import { realpath } from 'node:fs/promises'
import { HubError } from '../../protocol/errors.ts'
import type { ReadParamsOf } from '../../protocol/methods.ts'
import {
  type Asker,
  depthOf,
  isGranted,
  isInside,
  isOverAsker,
  isOwn,
  isWider,
  type Target,
  widestSandbox,
} from './gate.ts'
import type { Limits } from './limits.ts'

export type Params = Readonly<Record<string, unknown>>

export interface CreationLimits {
  readonly maxDepth: number
  readonly sessionsPerHour: number
  readonly creations: Limits
}

/** @throws HubError `forbidden` */
export function permitDecision(asker: Asker, target: Target): void {
  if (isOverAsker(asker, target.id)) {
    throw forbidden('An agent never answers what its own session, or one that made it, waits for.', {
      reason: 'ownSession',
      sessionId: target.id,
      next: 'Do not try again, and do not have another session try. Your person answers this.',
    })
  }
  if (!isGranted(asker.grants, 'approve', target)) throw notGranted(asker.agent, 'approve', target)
}

/** @throws HubError `forbidden` */
export function permitOperation(asker: Asker, target: Target): void {
  if (isOwn(asker, target.id) || isGranted(asker.grants, 'operate', target)) return
  throw notGranted(asker.agent, 'operate', target)
}

/**
 * A new session is no way around what holds for its maker: it stays in the maker's folder, in its sandbox, and in its
 * turn can make only so many more.
 * @throws HubError `forbidden`, `overloaded`
 */
export async function permitCreation(
  asker: Asker,
  params: Params,
  cwd: string,
  { maxDepth, sessionsPerHour, creations }: CreationLimits,
): Promise<Params> {
  const depth = depthOf(asker)
  if (depth > maxDepth) {
    throw forbidden(`Sessions that agents made may make others ${maxDepth} deep; this would be ${depth}.`, {
      reason: 'depth',
      depth,
      maxDepth,
      next: 'Do the work in this session.',
    })
  }
  const caller = asker.callers[0] === undefined ? null : asker.summaryOf(asker.callers[0])
  const target = { id: '', cwd: await realFolder(cwd) }
  if (caller) {
    const isHome = isInside(target.cwd, await realFolder(caller.cwd))
    const isFree = caller.settings.sandbox === 'danger-full-access'
    if (!isHome && !isFree && !isGranted(asker.grants, 'operate', target)) {
      throw notGranted(asker.agent, 'operate', target)
    }
  }
  const settings = { ...(params.settings as ReadParamsOf<'session/create'>['settings']) }
  if (!isGranted(asker.grants, 'unsandboxed', target)) {
    const widest = caller ? widestSandbox(caller) : 'workspace-write'
    // Left out, it would be whatever Codex is configured with, which may be wider than what the maker runs in.
    if (caller) settings.sandbox ??= widest
    if (settings.sandbox && isWider(settings.sandbox, widest)) {
      throw forbidden(`A session with the sandbox ${settings.sandbox} is more than this agent may make.`, {
        reason: 'sandbox',
        widest,
        next: `Ask for "${widest}" or less; only your person can grant more: codex-hub mcp allow ${asker.agent} unsandboxed`,
      })
    }
  }
  const waitMs = creations.take(asker.agent)
  if (waitMs > 0) {
    throw new HubError('overloaded', `More than ${sessionsPerHour} new sessions an hour.`, {
      reason: 'rateLimit',
      retryAfterMs: waitMs,
      next: 'Send messages to sessions you have made before.',
    })
  }
  return { ...params, settings }
}

export function forbidden(message: string, facts: Record<string, unknown>): HubError {
  return new HubError('forbidden', message, facts)
}

function notGranted(agent: string, scope: 'operate' | 'approve', { id, cwd }: Target): HubError {
  const which = id === '' ? `--project ${JSON.stringify(cwd)}` : `--session ${id}`
  const what = id === '' ? `to make sessions in ${cwd}` : `to ${scope} the session ${id}`
  return forbidden(`The agent ${agent} was not granted ${what}.`, {
    reason: 'notGranted',
    agent,
    needs: scope,
    next: `Do not try again. Tell your person what you wanted; they can grant it: codex-hub mcp allow ${agent} ${scope} ${which}`,
  })
}

/** Where a folder really is; one that does not exist is refused elsewhere. */
function realFolder(folder: string): Promise<string> {
  return realpath(folder).catch(() => folder)
}
