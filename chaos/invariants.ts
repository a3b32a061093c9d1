/** What must hold when a round has come to rest, whatever befell the hub. Each is told as a violation of its own. */
import { isDeepStrictEqual } from 'node:util'
import type { Readable } from '../src/client/observable.ts'
import type { StreamView } from '../src/client/stream-view.ts'
import type { Item } from '../src/protocol/item.ts'
import { sessionStateSchema } from '../src/protocol/session-state.ts'
import type { Facts, SessionFacts } from './facts.ts'
import type { Link } from './link.ts'
import type { Observer, Remembered } from './observer.ts'
import { Violation, waitFor } from './waiting.ts'
import type { TrueTurn } from './world.ts'

/** No acknowledged fact is lost, nothing refused took effect, and nothing is there twice. */
export function checkFacts(facts: SessionFacts, known: Remembered): void {
  checkUnique(facts.id, known)
  const prompts = known.items.filter(({ type }) => type === 'userMessage').map(({ body }) => textOf(body))
  for (const { name, text, command } of facts.prompts) {
    const times = prompts.filter((prompt) => prompt === text).length
    const told = `the prompt ${name} of ${facts.id} (${command.outcome})`
    if (times > 1) throw new Violation('twice', `${told} is there ${times} times`)
    if (command.outcome === 'refused' && times > 0) throw new Violation('refused', `${told} is there`)
    if (command.outcome !== 'done') continue
    const { turnId: started, entryId } = command.answer as { turnId: string | null; entryId: string | null }
    if (known.queue.entries.some(({ id }) => id === entryId)) {
      if (times > 0 && known.queue.entries.some(({ id, state }) => id === entryId && state === 'waiting'))
        throw new Violation('twice', `${told} is there and waits`)
      continue
    }
    const turnId = started ?? known.queue.sent.find(({ id }) => id === entryId)?.turnId
    const turn = known.turns.find(({ id }) => id === turnId)
    if (!turn) throw new Violation('lost', `${told} has no turn ${turnId}: ${JSON.stringify(known.turns)}`)
    if (turn.status === 'completed' && times === 0) throw new Violation('lost', `${told} is not there`)
  }
  checkReplaced('name', facts, facts.name.candidates, known.summary.title)
  checkReplaced('model', facts, facts.model.candidates, known.summary.settings.model)
  for (const [id, choice] of facts.decisions) {
    const approval = known.approvals.find((each) => each.id === id)
    if (approval?.state === 'decided' && approval.outcome?.choice === choice) continue
    throw new Violation('lost', `the decision "${choice}" on ${id} became ${JSON.stringify(approval)}`)
  }
}

/** At rest nothing waits for a person and nothing looks as if it went on. */
export function checkRest(known: Remembered): void {
  const { id } = known.summary
  const open = known.approvals.filter(({ state }) => state === 'pending')
  if (open.length > 0) throw new Violation('stuck', `${id} waits at rest: ${JSON.stringify(open)}`)
  const { entries, hold } = known.queue
  if (entries.length > 0 && !hold)
    throw new Violation('stuck', `${id} sends nothing: ${JSON.stringify(entries)}`)
  const turns = known.turns.filter(({ status }) => status === 'inProgress')
  if (turns.length > 0) throw new Violation('stuck', `${id} works at rest: ${JSON.stringify(turns)}`)
}

/** The hub remembers what Codex does: the same turns with the same ends, texts and items. */
export function checkTruth(known: Remembered, truth: readonly TrueTurn[]): void {
  const { id } = known.summary
  for (const turn of truth) {
    const mine = known.turns.find((each) => each.id === turn.id)
    if (!mine) throw new Violation('untrue', `${id} lacks the turn ${JSON.stringify(turn)}`)
    if (turn.status !== 'completed') continue
    const items = known.items.filter(({ turnId }) => turnId === turn.id)
    const seen = {
      prompts: items.filter(({ type }) => type === 'userMessage').map(({ body }) => textOf(body)),
      texts: items.filter(({ type }) => type === 'agentMessage').map(({ body }) => textOf(body)),
      itemIds: items.map((item) => item.id),
    }
    const { prompts, texts, itemIds } = turn
    const isEqual =
      mine.status !== 'inProgress' &&
      mine.status !== 'interrupted' &&
      isDeepStrictEqual(seen.prompts, prompts) &&
      sameTexts(seen.texts, texts) &&
      isDeepStrictEqual(
        seen.itemIds.filter((itemId) => itemIds.includes(itemId)),
        itemIds,
      )
    if (isEqual) continue
    const said = JSON.stringify({ mine, items, turn }, brief, 1)
    throw new Violation('untrue', `${id} remembers a turn otherwise than Codex: ${said}`)
  }
}

/** A restart changes nothing of what is remembered. */
export function checkSame(before: Remembered, after: Remembered): void {
  if (!isDeepStrictEqual(before.queue, after.queue)) {
    const said = JSON.stringify({ before: before.queue, after: after.queue }, brief, 1)
    throw new Violation('lost', `the queue of ${before.summary.id} changed over a restart: ${said}`)
  }
  for (const part of ['turns', 'items', 'approvals'] as const) {
    const old = byId<{ id: string }>(before[part])
    const now = byId<{ id: string }>(after[part])
    if (isDeepStrictEqual(old, now)) continue
    const others = (mine: { id: string }[], theirs: { id: string }[]) =>
      mine.filter((each) => !theirs.some((other) => isDeepStrictEqual(each, other)))
    const said = JSON.stringify({ before: others(old, now), after: others(now, old) }, brief, 1)
    throw new Violation('lost', `the ${part} of ${before.summary.id} changed over a restart: ${said}`)
  }
}

/** Every client holds what the hub holds. */
export async function checkClients(
  observer: Observer,
  links: readonly Link[],
  facts: Facts,
  limitMs: number,
): Promise<void> {
  for (const link of links) {
    await inStep(link, 'the list', observer.list, link.list, limitMs)
    for (const id of facts.sessions.keys())
      await inStep(link, id, observer.follow(id), link.follow(id), limitMs)
  }
  for (const id of facts.sessions.keys()) {
    const parsed = sessionStateSchema.safeParse(observer.follow(id).getSnapshot().state)
    if (!parsed.success) throw new Violation('shape', `the state of ${id}: ${parsed.error.message}`)
  }
}

/** Waits until both are live at one cursor, and compares what they hold then. */
async function inStep(
  link: Link,
  what: string,
  mine: Readable<StreamView<unknown>>,
  theirs: Readable<StreamView<unknown>>,
  limitMs: number,
): Promise<void> {
  const isSame = (): boolean => {
    const [a, b] = [mine.getSnapshot(), theirs.getSnapshot()]
    return a.status === 'live' && b.status === 'live' && isDeepStrictEqual(a.cursor, b.cursor)
  }
  const instead = (): string => {
    const [hub, client] = [mine, theirs].map((view) => {
      const { status, cursor, error } = view.getSnapshot()
      return { status, cursor, error: error?.message }
    })
    const connection = link.hub.connection.getSnapshot()
    return JSON.stringify({ what, link: link.name, hub, client, connection })
  }
  await waitFor('not in step', isSame, instead, limitMs)
  const [hub, client] = [mine.getSnapshot().state, theirs.getSnapshot().state]
  if (isDeepStrictEqual(hub, client)) return
  const said = JSON.stringify({ hub, client }, brief, 1)
  throw new Violation('not in step', `${link.name} holds another state of ${what}: ${said}`)
}

function checkUnique(sessionId: string, { turns, items, approvals }: Remembered): void {
  const lists = {
    'turn ids': turns.map(({ id }) => id),
    'turn numbers': turns.map(({ seq }) => seq),
    'item ids': items.map(({ id }) => id),
    'item numbers': items.map(({ seq }) => seq),
    'approval ids': approvals.map(({ id }) => id),
  }
  for (const [what, list] of Object.entries(lists)) {
    if (new Set<unknown>(list).size === list.length) continue
    const said = JSON.stringify({ turns, items }, brief, 1)
    throw new Violation('twice', `${what} of ${sessionId} are not unique: ${list.join(', ')}; ${said}`)
  }
}

function checkReplaced(
  what: string,
  { id }: SessionFacts,
  candidates: readonly (string | null)[],
  value: string | null,
): void {
  if (candidates.includes(null) || candidates.includes(value)) return
  throw new Violation('lost', `the ${what} of ${id} is ${value}, and was made ${candidates.join(' or ')}`)
}

export function textOf(body: Item['body']): string {
  if (typeof body.text === 'string') return body.text
  const content = Array.isArray(body.content) ? (body.content as { text?: string }[]) : []
  return content.map((part) => part.text ?? '').join('')
}

/** A text that the hub shows in part begins as the whole does. */
function sameTexts(mine: readonly string[], whole: readonly string[]): boolean {
  return (
    mine.length === whole.length &&
    mine.every(
      (text, index) => text === whole[index] || (text.length > 100_000 && isCut(text, whole[index] ?? '')),
    )
  )
}

const isCut = (text: string, whole: string): boolean =>
  text.length < whole.length && whole.startsWith(text.slice(0, 50_000)) && whole.endsWith(text.slice(-1_000))

function byId<T extends { readonly id: string }>(rows: readonly T[]): T[] {
  return rows.toSorted((a, b) => (a.id < b.id ? -1 : 1))
}

function brief(_key: string, value: unknown): unknown {
  return typeof value === 'string' && value.length > 300
    ? `${value.slice(0, 100)}… (${value.length} long)`
    : value
}
