/** Tools that find and read sessions. */
import { z } from 'zod'
import { sessionId } from '../../protocol/methods/shape.ts'
import { searchKindSchema } from '../../protocol/search.ts'
import { phaseSchema, type Summary } from '../../protocol/summary.ts'
import { turnSchema } from '../../protocol/turn.ts'
import {
  briefOf,
  briefSchema,
  briefText,
  byAttention,
  waitingOf,
  waitingSchema,
  waitingText,
} from '../brief.ts'
import { type ItemBrief, itemBrief, itemBriefSchema, itemText } from '../item-brief.ts'
import { everySession } from '../session-pages.ts'
import { type Tool, tool } from '../tool.ts'
import { fence, Room } from '../untrusted.ts'

const place = z.string().max(200).optional().describe('nextPageToken of the page before')

const found = z.object({
  sessions: z.array(briefSchema),
  total: z.int().describe('how many fit, on all pages'),
  nextPageToken: z.string().nullable(),
})

export const READING_TOOLS: readonly Tool[] = [
  tool({
    name: 'list_sessions',
    title: 'List sessions',
    description: 'Sessions of this hub: what needs somebody first, then what runs, then the newest.',
    reads: true,
    input: z.strictObject({
      attentionOnly: z
        .boolean()
        .default(false)
        .describe('only those that wait for an answer, failed or ended unread'),
      phases: z.array(phaseSchema).optional(),
      cwd: z.string().max(4_096).optional().describe('only sessions in this folder or below it'),
      archived: z.boolean().default(false).describe('the archived ones instead'),
      limit: z.int().min(1).max(100).default(20),
      pageToken: place,
    }),
    output: found,
    async run(call, { attentionOnly, phases, cwd, archived, limit, pageToken }) {
      const all = await everySession(call, { archived, cwd })
      const fitting = all.filter(
        ({ attention, phase }) =>
          (!attentionOnly || attention !== null) && (!phases || phases.includes(phase)),
      )
      return pageOf(fitting.toSorted(byAttention), limit, pageToken)
    },
  }),
  tool({
    name: 'search_sessions',
    title: 'Search sessions',
    description:
      'Full text over titles, prompts and answers of all sessions, newest first: words that all occur, "words together", begin*. Each hit has the words around it.',
    reads: true,
    input: z.strictObject({
      query: z.string().trim().min(1).max(1_000),
      cwd: z.string().max(4_096).optional().describe('only in sessions of this folder or below it'),
      sessionId: sessionId.optional().describe('only in this session'),
      limit: z.int().min(1).max(100).default(20),
      pageToken: place,
    }),
    output: z.object({
      hits: z.array(
        z.object({
          sessionId: z.string(),
          kind: searchKindSchema,
          itemId: z.string().nullable(),
          at: z.string(),
          untrusted: z.object({ snippet: z.string() }),
        }),
      ),
      sessions: z.array(briefSchema).describe('the sessions of the hits'),
      nextPageToken: z.string().nullable(),
      isComplete: z.boolean().describe('false while texts are still being indexed'),
    }),
    async run(call, query) {
      const { hits, sessions, nextPageToken, index } = await call.request('session/search', query)
      const room = new Room()
      const shown = hits.map(({ sessionId, kind, itemId, at, snippet }) => ({
        sessionId,
        kind,
        itemId,
        at: new Date(at).toISOString(),
        untrusted: { snippet: room.take(snippet.text, 500) },
      }))
      const structured = {
        hits: shown,
        sessions: sessions.map(briefOf),
        nextPageToken,
        isComplete: index.isComplete,
      }
      const lines = shown.map(({ sessionId, kind, itemId, untrusted }) =>
        [`${sessionId} ${kind} ${itemId ?? ''}`, fence(sessionId, untrusted.snippet)].join('\n'),
      )
      if (nextPageToken !== null) lines.push(`More: pageToken ${nextPageToken}`)
      return { structured, text: lines.join('\n') || 'Nothing was found.' }
    },
  }),
  tool({
    name: 'get_session',
    title: 'Read a session',
    description:
      'How a session is, what it waits for, its newest turns, and a page of its items, oldest first. Older items come with pageToken; a long text is shown in part, and whole with itemId.',
    reads: true,
    input: z.strictObject({
      sessionId,
      items: z.int().min(0).max(100).default(12).describe('how many items'),
      pageToken: place,
      itemId: z.string().max(300).optional().describe('only this item, its texts as far as they fit'),
    }),
    output: z.object({
      session: briefSchema,
      waitsFor: z.array(waitingSchema),
      turns: z.array(turnSchema.pick({ id: true, status: true, error: true })),
      items: z.array(itemBriefSchema),
      nextPageToken: z.string().nullable().describe('continues with older items'),
    }),
    async run(call, { sessionId, items: count, pageToken, itemId }) {
      const [{ session, approvals }, { turns }] = await Promise.all([
        call.request('session/get', { sessionId }),
        call.request('session/turns', { sessionId, limit: 5 }),
      ])
      const page = await itemsOf(call, { sessionId, count, pageToken, itemId })
      const brief = briefOf(session)
      const waitsFor = approvals.filter(({ state }) => state === 'pending').map(waitingOf)
      const structured = {
        session: brief,
        waitsFor,
        turns: turns.toReversed().map(({ id, status, error }) => ({ id, status, error })),
        ...page,
      }
      const parts = [briefText(brief), waitingText(sessionId, waitsFor), itemsText(sessionId, page.items)]
      if (page.nextPageToken !== null) parts.push(`Older items: pageToken ${page.nextPageToken}`)
      return { structured, text: parts.filter((part) => part !== '').join('\n\n') }
    },
  }),
]

function pageOf(sorted: readonly Summary[], limit: number, pageToken: string | undefined) {
  const start = pageToken === undefined ? 0 : sorted.findIndex(({ id }) => id === pageToken) + 1
  const shown = sorted.slice(start, start + limit)
  const last = shown.at(-1)
  const nextPageToken = last && start + limit < sorted.length ? last.id : null
  const sessions = shown.map(briefOf)
  const head = sessions.length === 0 ? 'No session fits.' : `${sessions.length} of ${sorted.length} sessions:`
  const more = nextPageToken === null ? [] : [`More: pageToken ${nextPageToken}`]
  return {
    structured: { sessions, total: sorted.length, nextPageToken },
    text: [head, ...sessions.map(briefText), ...more].join('\n'),
  }
}

async function itemsOf(
  call: Parameters<Tool['run']>[0],
  wanted: { sessionId: string; count: number; pageToken?: string | undefined; itemId?: string | undefined },
): Promise<{ items: ItemBrief[]; nextPageToken: string | null }> {
  const { sessionId, count, pageToken, itemId } = wanted
  const room = new Room()
  if (itemId !== undefined) {
    const { item } = await call.request('item/read', { sessionId, itemId })
    const one = item && {
      ...itemBrief(item, room),
      untrusted: { text: new Room().take(itemText(item), ONE_ITEM_UNITS) },
    }
    return { items: one ? [one] : [], nextPageToken: null }
  }
  if (count === 0) return { items: [], nextPageToken: null }
  const page = await call.request('session/items', {
    sessionId,
    limit: count,
    ...(pageToken && { pageToken }),
  })
  // The newest get what room there is.
  return {
    items: page.items.map((item) => itemBrief(item, room)).reverse(),
    nextPageToken: page.nextPageToken,
  }
}

const ONE_ITEM_UNITS = 30_000

function itemsText(sessionId: string, items: readonly ItemBrief[]): string {
  if (items.length === 0) return ''
  const lines = items.map(({ type, id, status, untrusted }) => `[${type} ${id} ${status}]\n${untrusted.text}`)
  return fence(sessionId, lines.join('\n'))
}
