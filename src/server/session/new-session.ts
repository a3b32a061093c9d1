/** What a session begins with: a new one before Codex has said anything, and one that the store remembers. */
import type { StoredSession } from '../../persistence/stored.ts'
import type { Origin } from '../../protocol/agent.ts'
import type { SettingsRequest } from '../../protocol/settings.ts'
import type { Isolation } from '../../protocol/summary.ts'
import { capabilitiesOf } from './derive.ts'
import { restingDoor } from './imported.ts'
import { slugOf } from './words.ts'

/** What is said of a session when it is made, beside its folder and settings. */
export interface Beginning {
  readonly createdBy?: Origin | undefined
  /** Otherwise as the hub is configured. */
  readonly isolation?: Isolation | null | undefined
}

export function newSession(
  id: string,
  cwd: string,
  wanted: SettingsRequest,
  now: number,
  { createdBy, isolation = null }: Beginning = {},
): StoredSession {
  return {
    summary: {
      id,
      threadId: null,
      codexSessionId: null,
      forkedFromThreadId: null,
      door: 'dormant',
      phase: 'starting',
      title: slugOf(id),
      titleSource: 'slug',
      cwd,
      git: null,
      settings: {
        model: wanted.model ?? null,
        modelProvider: null,
        effort: wanted.effort ?? null,
        approvalPolicy: wanted.approvalPolicy ?? null,
        sandbox: wanted.sandbox ?? null,
        mode: wanted.mode ?? null,
        permissionProfile: wanted.permissionProfile ?? null,
      },
      codexVersion: null,
      isolation: null,
      capabilities: [],
      attention: null,
      problem: null,
      note: null,
      reading: null,
      parentThreadId: null,
      subagent: null,
      ...(createdBy ? { createdBy } : {}),
      imported: null,
      counters: { turns: 0, items: 0, prompts: 0, tools: 0 },
      lastTool: null,
      firstPrompt: null,
      lastMessage: null,
      tokens: null,
      rateLimits: null,
      unread: 0,
      archived: false,
      createdAt: now,
      updatedAt: now,
      evidenceAt: null,
    },
    rolloutPath: null,
    codexHome: null,
    wanted,
    untold: {},
    isolation,
    nextSeq: { turn: 0, item: 0 },
  }
}

/** A session as the store remembers it: nothing of it is running until that is proven (L3). */
export function restingSession(stored: StoredSession): StoredSession {
  const { summary } = stored
  const phase = summary.phase === 'closed' || summary.phase === 'failed' ? summary.phase : 'dormant'
  const door = restingDoor(summary)
  return {
    ...stored,
    summary: {
      ...summary,
      phase,
      door,
      isolation: null,
      // Both were said of what was seen then.
      note: null,
      reading: null,
      capabilities: capabilitiesOf(phase, null, summary),
    },
  }
}
