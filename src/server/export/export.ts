/**
 * A session as a file, one piece after the other: a piece is asked for with the place where the last one ended, and made
 * from a page of the store. Nothing of an export is kept between two pieces but the rest of a page that was too large.
 */
import type { Clock, Timer } from '../../base/clock.ts'
import type { Store } from '../../persistence/store.ts'
import { HubError } from '../../protocol/errors.ts'
import type { ExportFormat } from '../../protocol/export.ts'
import type { Item } from '../../protocol/item.ts'
import type { Summary } from '../../protocol/summary.ts'
import type { ExportedItem, Format } from './format.ts'
import { jsonFormat, LIST_BREAKS } from './json.ts'
import { markdownFormat } from './markdown.ts'

/** The page's parser of Markdown is loaded with the first page. */
export async function formatOf(name: ExportFormat): Promise<Format> {
  if (name === 'html') return (await import('./html.ts')).htmlFormat
  return name === 'json' ? jsonFormat : markdownFormat
}

/** A piece is about this long. UTF-16 units. */
const PIECE_UNITS = 256 * 1024
const PAGE_ROWS = 50
const KEPT_MS = 30_000

type Stage = 'head' | 'turns' | 'items' | 'approvals' | 'tail'

/** Where the next piece begins: a stage, a page of it, and how much of that page's text was given already. */
interface Place {
  readonly stage: Stage
  readonly page: string | null
  readonly offset: number
  /** The turn of the last item. */
  readonly turnId: string | null
  readonly counts: readonly [turns: number, items: number, approvals: number]
}

const START: Place = { stage: 'head', page: null, offset: 0, turnId: null, counts: [0, 0, 0] }

interface Made {
  readonly text: string
  readonly next: Place | null
}

export interface ExportRooms {
  readonly store: Store
  readonly clock: Clock
  readonly hubId: string
  readonly version: string
}

export class Exports {
  readonly #rooms: ExportRooms
  #kept: { readonly key: string; readonly made: Made; readonly timer: Timer } | null = null

  constructor(rooms: ExportRooms) {
    this.#rooms = rooms
  }

  /** @throws HubError `invalidPageToken` */
  async piece(
    summary: Summary,
    format: ExportFormat,
    pageToken?: string,
  ): Promise<{ text: string; next: string | null }> {
    let place: Place | null = pageToken === undefined ? START : readPlace(pageToken)
    let text = ''
    while (place !== null && text.length < PIECE_UNITS) {
      const made: Made = await this.#make(summary, format, place)
      const room = PIECE_UNITS - text.length
      const end = wholeEnd(made.text, place.offset + room)
      text += made.text.slice(place.offset, end)
      if (end < made.text.length) {
        this.#keep(summary.id, format, place, made)
        return { text, next: writePlace({ ...place, offset: end }) }
      }
      place = made.next
    }
    return { text, next: place === null ? null : writePlace(place) }
  }

  /** A page that is given in pieces must be the same page each time, also where its item still grows. */
  #keep(sessionId: string, format: ExportFormat, place: Place, made: Made): void {
    this.#kept?.timer.cancel()
    const timer = this.#rooms.clock.after(KEPT_MS, () => {
      this.#kept = null
    })
    this.#kept = { key: keyOf(sessionId, format, place), made, timer }
  }

  async #make(summary: Summary, name: ExportFormat, place: Place): Promise<Made> {
    if (this.#kept?.key === keyOf(summary.id, name, place)) return this.#kept.made
    const { store, hubId, version, clock } = this.#rooms
    const format = await formatOf(name)
    const { stage, page, counts } = place
    const [turns, items, approvals] = counts
    const query = {
      sessionId: summary.id,
      limit: PAGE_ROWS,
      pageToken: page ?? undefined,
      order: 'oldestFirst',
    } as const
    const go = (to: Stage, given: Partial<Place> = {}): Place => ({
      ...place,
      stage: to,
      page: null,
      offset: 0,
      ...given,
    })
    switch (stage) {
      case 'head': {
        const details = await store.loadDetails(summary.id)
        const heading = { summary, details, hub: { id: hubId, version }, exportedAt: clock.now() }
        return { text: format.head(heading), next: go(format.isWhole ? 'turns' : 'items') }
      }
      case 'turns': {
        const { rows, nextPageToken } = await store.listTurns(query)
        const given = { counts: [turns + rows.length, items, approvals] as const }
        const text = format.turns(rows, page === null)
        return nextPageToken === null
          ? { text: text + LIST_BREAKS.items, next: go('items', given) }
          : { text, next: go('turns', { ...given, page: nextPageToken }) }
      }
      case 'items': {
        const { rows, nextPageToken } = await store.listItems(query)
        const shown = format.isWhole
          ? rows.map((item) => ({ item, begins: null }))
          : await this.#withTurns(summary.id, rows, place)
        const given = {
          counts: [turns, items + rows.length, approvals] as const,
          turnId: rows.at(-1)?.turnId ?? place.turnId,
        }
        const text = format.items(shown, page === null)
        if (nextPageToken !== null) return { text, next: go('items', { ...given, page: nextPageToken }) }
        return format.isWhole
          ? { text: text + LIST_BREAKS.approvals, next: go('approvals', given) }
          : { text, next: go('tail', given) }
      }
      case 'approvals': {
        const { rows, nextPageToken } = await store.listApprovals(query)
        const given = { counts: [turns, items, approvals + rows.length] as const }
        const text = format.approvals(rows, page === null)
        return {
          text,
          next:
            nextPageToken === null ? go('tail', given) : go('approvals', { ...given, page: nextPageToken }),
        }
      }
      case 'tail':
        return { text: format.tail({ turns, items, approvals }), next: null }
    }
  }

  async #withTurns(sessionId: string, items: readonly Item[], { turnId }: Place): Promise<ExportedItem[]> {
    const turns = await this.#rooms.store.loadTurns(sessionId, [...new Set(items.map((item) => item.turnId))])
    let last = turnId
    return items.map((item) => {
      const begins = item.turnId === last ? null : (turns.find(({ id }) => id === item.turnId) ?? null)
      last = item.turnId
      return { item, begins }
    })
  }
}

const keyOf = (sessionId: string, format: string, { offset: _offset, ...place }: Place): string =>
  JSON.stringify([sessionId, format, place])

/** Never between the halves of a character: a piece alone is sound text. */
function wholeEnd(text: string, end: number): number {
  const unit = text.charCodeAt(end - 1)
  return end < text.length && unit >= 0xd800 && unit <= 0xdbff ? end - 1 : end
}

const STAGES: readonly Stage[] = ['head', 'turns', 'items', 'approvals', 'tail']

function writePlace({ stage, page, offset, turnId, counts }: Place): string {
  return Buffer.from(
    JSON.stringify(['export', STAGES.indexOf(stage), page, offset, turnId, ...counts]),
  ).toString('base64url')
}

/** @throws HubError `invalidPageToken` */
function readPlace(token: string): Place {
  try {
    const [kind, stageAt, page, offset, turnId, ...counts] = JSON.parse(
      Buffer.from(token, 'base64url').toString(),
    ) as unknown[]
    const stage = STAGES[stageAt as number]
    const areCounts = counts.length === 3 && counts.every((count) => Number.isSafeInteger(count))
    const isText = (value: unknown) => value === null || typeof value === 'string'
    if (
      kind === 'export' &&
      stage &&
      isText(page) &&
      isText(turnId) &&
      Number.isSafeInteger(offset) &&
      areCounts
    )
      return { stage, page, offset, turnId, counts } as unknown as Place
  } catch {
    // Said below.
  }
  throw new HubError(
    'invalidPageToken',
    'The page token is not one of an export. Begin again without a token.',
  )
}
