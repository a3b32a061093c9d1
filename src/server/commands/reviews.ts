/** Code reviews: started where git has what is to be reviewed, read as rows, and sent on as a prompt. */

import { startReview } from '../../connectors/codex/operations/review.ts'
import { readReviewText } from '../../connectors/codex/review-findings.ts'
import { findReviewOutput } from '../../connectors/rollout/review-output.ts'
import { HubError } from '../../protocol/errors.ts'
import type { Item } from '../../protocol/item.ts'
import type { Finding, Review, ReviewTarget } from '../../protocol/review.ts'
import type { SettingsRequest } from '../../protocol/settings.ts'
import { runGit } from '../git.ts'
import { lookAtGit } from '../read-git.ts'
import type { HubRooms } from '../rooms.ts'
import { asWireErrors } from '../session/connector-failure.ts'
import type { Session } from '../session/session.ts'
import { patch } from '../session/summary-patch.ts'
import { branchCommit, changedFiles, commitOf, findRepository } from '../worktrees/repository.ts'
import { checkSettings } from './check-settings.ts'
import type { Handlers } from './dispatch.ts'
import { checkFolder } from './folder.ts'
import { findingsPrompt } from './review-prompt.ts'
import { sendPrompt } from './send.ts'

type Names = 'session/review' | 'review/read' | 'review/send'

export const reviewHandlers: Pick<Handlers, Names> = {
  async 'session/review'(rooms, { sessionId, target, delivery, settings }) {
    const origin = rooms.registry.get(sessionId)
    await origin.record.hydrate()
    const { cwd, title, threadId } = origin.summary
    if (delivery === 'inline') {
      origin.refuseIfObserved()
      if (Object.keys(settings).length > 0) {
        throw new HubError('invalidParams', 'An inline review runs with what its session runs with.', {
          field: 'settings',
        })
      }
    }
    await checkFolder(cwd)
    const checked = await checkTarget(cwd, target)
    if (delivery === 'inline') return review(origin, checked)
    await checkSettings(rooms, origin, settings)
    const wanted = { ...settingsOf(origin), ...settings }
    const session = await asWireErrors(() => rooms.registry.create(cwd, wanted))
    lookAtGit(session)
    session.facts.apply(
      patch(session.summary, {
        title: `Review: ${title}`.slice(0, 200),
        titleSource: 'name',
        ...(threadId === null ? {} : { reviewOf: { sessionId, threadId } }),
      }),
    )
    return session.record.keep(() => review(session, checked))
  },
  async 'review/read'(rooms, { sessionId, turnId }) {
    return { review: await readReview(rooms, rooms.registry.get(sessionId), turnId) }
  },
  async 'review/send'(rooms, params, client) {
    const { commandId, sessionId, reviewSessionId, turnId, findings: wanted, note, whenBusy } = params
    const session = rooms.registry.get(sessionId)
    const reviewer = rooms.registry.get(reviewSessionId ?? sessionId)
    const found = await readReview(rooms, reviewer, turnId)
    if (!found)
      throw new HubError('notFound', 'There is no review that has ended.', { turnId: turnId ?? null })
    const prompt = findingsPrompt(choose(found, wanted), session.summary.cwd, note)
    const request = {
      commandId,
      sessionId,
      input: [{ type: 'text' as const, text: prompt }],
      whenBusy,
      settings: {},
    }
    const taken = (await sendPrompt(rooms, request, client)) as object
    return { ...taken, prompt }
  },
}

/** Run it in the session, as a turn of its own. @throws HubError */
async function review(session: Session, target: ReviewTarget) {
  const release = session.turns.reserve()
  try {
    const { line, operations, codexVersion } = await session.ensureLive()
    session.turns.refuse()
    if (!line || !operations.has('review')) {
      throw new HubError('unsupported', 'This release of Codex does not review.', { codexVersion })
    }
    const turnId = await asWireErrors(() => startReview(line, target))
    session.turnAccepted(turnId)
    session.facts.apply(patch(session.summary, { unread: 0, problem: null }))
    return { session: session.summary, turnId }
  } finally {
    release()
  }
}

/** Codex would let the model find out what is missing. @throws HubError `notPossible` with a reason */
async function checkTarget(cwd: string, target: ReviewTarget): Promise<ReviewTarget> {
  if (target.type === 'custom') return target
  const { top } = await findRepository(cwd)
  const refused = (reason: string, message: string) =>
    new HubError('notPossible', message, { reason, cwd: top })
  switch (target.type) {
    case 'uncommittedChanges':
      if ((await changedFiles(top))?.length === 0) throw refused('noChanges', `${top} has no changes.`)
      return target
    case 'baseBranch': {
      const { branch } = target
      if ((await branchCommit(top, branch)) ?? (await commitOf(top, `refs/remotes/${branch}`))) return target
      throw refused('branchMissing', `There is no branch ${branch}.`)
    }
    case 'commit': {
      const sha = await commitOf(top, target.sha)
      if (sha === null) throw refused('commitMissing', `There is no commit ${target.sha}.`)
      const { stdout } = await runGit(top, ['log', '-1', '--format=%s', sha])
      return { ...target, sha, title: target.title ?? stdout.trim().slice(0, 500) }
    }
  }
}

/** What a session beside this one is to run with. */
function settingsOf({ record, summary }: Session): SettingsRequest {
  const { model } = summary.settings
  return { ...(model === null ? {} : { model }), ...record.wanted }
}

async function readReview(
  rooms: HubRooms,
  session: Session,
  turnId: string | undefined,
): Promise<Review | null> {
  await session.record.hydrate()
  const item = await reviewItem(rooms, session, turnId)
  if (!item) return null
  const turn = session.record.state.turns.find(({ id }) => id === item.turnId)
  const { rolloutPath } = session.record.stored
  const text = typeof item.body.review === 'string' ? item.body.review : ''
  const structured = rolloutPath === null ? null : await findReviewOutput(rolloutPath, item.id)
  const content = structured ?? readReviewText(text)
  return { turnId: item.turnId, itemId: item.id, status: turn?.status ?? 'completed', ...content }
}

async function reviewItem(
  rooms: HubRooms,
  { id: sessionId, record }: Session,
  turnId: string | undefined,
): Promise<Item | null> {
  const isIt = (item: Item) =>
    item.type === 'exitedReviewMode' && (turnId === undefined || item.turnId === turnId)
  const held = record.state.items.findLast(isIt)
  if (held) return held.cut ? rooms.store.loadItem(sessionId, held.id) : held
  if (turnId === undefined) return null
  const { rows } = await rooms.store.listItems({ sessionId, turnId, order: 'newestFirst', limit: 50 })
  return rows.find(isIt) ?? null
}

/** @throws HubError `notFound` for a finding that the review does not have, `notPossible` where it has none */
function choose({ findings }: Review, wanted: readonly string[] | undefined): readonly Finding[] {
  if (findings.length === 0) {
    throw new HubError('notPossible', 'The review found nothing that could be sent.', {
      reason: 'noFindings',
    })
  }
  const missing = wanted?.find((id) => !findings.some((finding) => finding.id === id))
  if (missing !== undefined) {
    throw new HubError('notFound', `The review has no finding ${missing}.`, {
      findings: findings.map(({ id }) => id),
    })
  }
  return wanted ? findings.filter(({ id }) => wanted.includes(id)) : findings
}
