/** The record of a session that others started, from the first and last bytes of its rollout. Pure. */
import type { RolloutOutline } from '../../connectors/rollout/head-tail.ts'
import type { StoredSession } from '../../persistence/stored.ts'
import type { Summary } from '../../protocol/summary.ts'
import { capabilitiesOf } from '../session/derive.ts'
import { newSession } from '../session/new-session.ts'
import { previewOf, slugOf, titleOf } from '../session/words.ts'

export interface AdoptedFacts {
  readonly codexHome: string
  readonly outline: RolloutOutline
  /** Given by a person; null where there is none. */
  readonly name: string | null
  readonly isArchived: boolean
}

export function adoptedSession(id: string, facts: AdoptedFacts): StoredSession {
  const { codexHome, outline } = facts
  const cwd = outline.facts.cwd ?? ''
  const fresh = newSession(id, cwd, {}, outline.facts.createdAt ?? outline.lastActivityAt)
  const summary: Summary = {
    ...fresh.summary,
    phase: 'dormant',
    title: slugOf(outline.threadId),
    ...outlinePatch(fresh.summary, facts),
  }
  const capabilities = capabilitiesOf(summary.phase, null, summary)
  return {
    ...fresh,
    summary: { ...summary, capabilities },
    codexHome,
    rolloutPath: outline.facts.rolloutPath ?? null,
  }
}

/** What an outline says of a session whose turns the hub has not read. */
export function outlinePatch(
  summary: Summary,
  { outline, name, isArchived }: AdoptedFacts,
): Partial<Summary> {
  const { threadId, facts, firstPrompt, lastMessage, lastActivityAt, tokens, origin } = outline
  const prompt = firstPrompt ?? summary.firstPrompt
  const title =
    name !== null
      ? { title: name, titleSource: 'name' as const }
      : prompt !== null && summary.titleSource !== 'name'
        ? { title: titleOf(prompt), titleSource: 'prompt' as const }
        : {}
  return {
    threadId,
    codexSessionId: facts.codexSessionId ?? summary.codexSessionId,
    forkedFromThreadId: facts.forkedFromThreadId ?? summary.forkedFromThreadId,
    parentThreadId: origin.parentThreadId,
    subagent: subagentOf(outline),
    codexVersion: facts.codexVersion ?? summary.codexVersion,
    settings: { ...summary.settings, ...facts.settings },
    git: summary.git ?? facts.git ?? null,
    firstPrompt: prompt === null ? null : previewOf(prompt),
    lastMessage: lastMessage === null ? summary.lastMessage : previewOf(lastMessage),
    tokens: tokens ?? summary.tokens,
    archived: isArchived,
    updatedAt: lastActivityAt,
    evidenceAt: lastActivityAt,
    ...title,
  }
}

const STATES = {
  open: 'running',
  completed: 'completed',
  interrupted: 'interrupted',
  failed: 'failed',
} as const

function subagentOf({ origin, turn, lastMessage }: RolloutOutline): Summary['subagent'] {
  if (origin.parentThreadId === null || !origin.subagent) return null
  const { nickname, role, depth } = origin.subagent
  const state = STATES[turn ?? 'open']
  const result = state === 'completed' && lastMessage !== null ? previewOf(lastMessage) : null
  return { nickname, role, depth, state, result }
}
