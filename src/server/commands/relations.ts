/** How a session is related to others, both ways: forks, subagents and detached reviews. */
import type { ResultOf } from '../../protocol/methods.ts'
import type { Summary } from '../../protocol/summary.ts'
import type { Registry } from '../registry.ts'

type Relations = ResultOf<'session/get'>['relations']
type Relative = Relations['forks'][number]

export function relationsOf(registry: Registry, summary: Summary): Relations {
  const { threadId, forkedFromThreadId, parentThreadId, reviewOf } = summary
  const forks: Relative[] = []
  const subagents: Relative[] = []
  const reviews: Relative[] = []
  for (const { summary: other } of registry.sessions) {
    if (threadId === null || other.threadId === null) continue
    if (other.forkedFromThreadId === threadId) forks.push(relative(other.threadId, other))
    if (other.parentThreadId === threadId) subagents.push(relative(other.threadId, other))
    if (other.reviewOf?.sessionId === summary.id) reviews.push(relative(other.threadId, other))
  }
  return {
    forkedFrom: named(registry, forkedFromThreadId),
    forks,
    parent: named(registry, parentThreadId),
    subagents,
    reviewOf: named(registry, reviewOf?.threadId ?? null),
    reviews,
  }
}

function named(registry: Registry, threadId: string | null): Relative | null {
  return threadId === null ? null : relative(threadId, registry.byThread(threadId)?.summary)
}

function relative(threadId: string, summary: Summary | undefined): Relative {
  return { threadId, sessionId: summary?.id ?? null, title: summary?.title ?? null }
}
