/** Turns read back from Codex, by the best method the release has. It never asks for a whole thread where pages exist. */
import type { HistoryTurn } from '../event.ts'
import { asFields, asList, asText, type Fields } from './decode.ts'
import { readItem, readTurn } from './items.ts'
import type { CodexLine } from './requests.ts'
import { isStableTurnId } from './turn-ids.ts'

/** Codex cuts larger pages down. */
const PAGE_TURNS = 100

/** The newest turns of a thread, oldest first. */
export async function readHistory(
  source: CodexLine,
  threadId: string,
  maxTurns: number,
): Promise<HistoryTurn[]> {
  const newestFirst = source.methods.has('thread/turns/list')
    ? await readPages(source, threadId, maxTurns)
    : await readWhole(source, threadId)
  return newestFirst
    .slice(0, maxTurns)
    .reverse()
    .flatMap((turn) => readHistoryTurn(turn) ?? [])
}

async function readPages(source: CodexLine, threadId: string, maxTurns: number): Promise<unknown[]> {
  const turns: unknown[] = []
  let cursor: string | null = null
  do {
    const limit = Math.min(maxTurns - turns.length, PAGE_TURNS)
    const page: Fields | null = asFields(
      await source.ask('thread/turns/list', {
        threadId,
        itemsView: 'full',
        sortDirection: 'desc',
        limit,
        ...(cursor === null ? {} : { cursor }),
      }),
    )
    const data = asList(page?.data)
    turns.push(...data)
    cursor = data.length === 0 ? null : asText(page?.nextCursor)
  } while (cursor !== null && turns.length < maxTurns)
  return turns
}

/** Up to 0.120 there are no pages. */
async function readWhole(source: CodexLine, threadId: string): Promise<unknown[]> {
  const answer = asFields(await source.ask('thread/read', { threadId, includeTurns: true }))
  return [...asList(asFields(answer?.thread)?.turns)].reverse()
}

/** Null when it is no turn, or the reviewer's own turn inside the one of its review (0.169). */
export function readHistoryTurn(value: unknown): HistoryTurn | null {
  // Ids of the past belong to the thread, not to a process: `turn-N` of 0.98 is not qualified.
  const turn = readTurn(value, (raw) => raw)
  const root = asText(asFields(value)?.rootTurnId)
  if (!turn || (root !== null && root !== turn.id)) return null
  const phase = turn.status === 'inProgress' ? 'started' : 'completed'
  const items = asList(asFields(value)?.items).flatMap((item) => readItem(item, phase) ?? [])
  const hasStableIds = isStableTurnId(turn.id) && items.every((item) => !/^item-\d+$/.test(item.id))
  return { turn, items, hasStableIds }
}
