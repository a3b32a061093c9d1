/** `session/revert`: the newest turns are taken back, here and in Codex, and their files too where that is asked for. */
import { type RevertedTurn, revertThread } from '../../connectors/codex/operations/thread.ts'
import { HubError } from '../../protocol/errors.ts'
import type { Turn } from '../../protocol/turn.ts'
import { planRestore } from '../checkpoints/restore.ts'
import type { HubRooms } from '../rooms.ts'
import { asWireErrors } from '../session/connector-failure.ts'
import type { Session } from '../session/session.ts'
import type { Handlers } from './dispatch.ts'
import { withTurnGate } from './prompts.ts'

/** How many turns are taken back at once at most. */
const MAX_TURNS = 1_000

export const revertHandlers: Pick<Handlers, 'session/revert'> = {
  async 'session/revert'(rooms, { sessionId, turnId, count, restoreFiles }) {
    if ((turnId === undefined) === (count === undefined)) {
      throw new HubError('invalidParams', 'Give either the first turn to take back or a number of turns.', {
        fields: ['turnId', 'count'],
      })
    }
    const session = rooms.registry.get(sessionId)
    await session.record.hydrate()
    // Nothing is resumed for what cannot be done.
    session.refuseIfObserved()
    await turnsToRevert(rooms, session, turnId ?? null, count ?? 0)
    return withTurnGate(session, async ({ line, operations, codexVersion }) => {
      if (!line || !(operations.has('revert') || operations.has('rollback'))) {
        throw new HubError('unsupported', 'This release of Codex takes no turns back.', { codexVersion })
      }
      const turns = await turnsToRevert(rooms, session, turnId ?? null, count ?? 0)
      const turnIds = turns.map(({ id }) => id)
      // Refused before anything is changed.
      const plan = restoreFiles ? await planRestore(session, turnIds, rooms) : null
      const reverted = await Promise.all(turns.map((turn) => revertedTurn(rooms, session, turn)))
      // Comparing files takes a while: what another surface did since would be taken back unasked.
      refuseNewer(session, turnIds.at(-1))
      await asWireErrors(() => revertThread(line, reverted))
      await session.removeTurns(turnIds)
      // How an earlier turn ended holds nothing up that waits now.
      session.queue.passed(session.record.state.turns.at(-1)?.id ?? null)
      const message = 'Only the history was reverted: files are as the turns left them.'
      const untouched = { state: 'untouched', message, paths: [], backup: null } as const
      return { session: session.summary, turnIds, files: (await plan?.apply()) ?? untouched }
    })
  },
}

/** @throws HubError `notPossible` while a turn runs, `stale` when one has come after this one */
function refuseNewer({ turns, record }: Session, newestId: string | undefined): void {
  turns.refuse()
  const newest = record.state.turns.at(-1)?.id
  if (newest === newestId) return
  throw new HubError('stale', 'The session has gone on meanwhile; look at it, and ask again.', { newest })
}

/**
 * @returns the turns that go, oldest first
 * @throws HubError `notFound`; `notPossible` when there are not so many
 */
async function turnsToRevert(
  { store }: HubRooms,
  { id: sessionId, record }: Session,
  turnId: string | null,
  count: number,
): Promise<readonly Turn[]> {
  record.writeGrowing()
  const newestFirst: Turn[] = []
  let pageToken: string | undefined
  do {
    const page = await store.listTurns({ sessionId, limit: 500, pageToken })
    newestFirst.push(...page.rows)
    pageToken = page.nextPageToken ?? undefined
    const place = newestFirst.findIndex(({ id }) => id === turnId)
    const wanted = turnId === null ? count : place + 1
    if (wanted > MAX_TURNS) break
    if (wanted > 0 && newestFirst.length >= wanted) return newestFirst.slice(0, wanted).reverse()
  } while (pageToken !== undefined && newestFirst.length < MAX_TURNS)
  if (turnId !== null)
    throw new HubError('notFound', `No turn ${turnId} among the newest of this session.`, { turnId })
  throw new HubError('notPossible', `The session has ${newestFirst.length} turns, not ${count}.`, {
    reason: 'tooFewTurns',
    turns: newestFirst.length,
  })
}

async function revertedTurn(
  { store }: HubRooms,
  { id: sessionId }: Session,
  { id: turnId }: Turn,
): Promise<RevertedTurn> {
  const { rows } = await store.listItems({ sessionId, turnId, order: 'oldestFirst', limit: 5 })
  return { id: turnId, hasPrompt: rows.some(({ type }) => type === 'userMessage') }
}
