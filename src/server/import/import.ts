/**
 * Makes a session of an exported one, once for each id. **Invariant:** the file is proven to its end before anything of
 * it is stored, and the session's own row is stored last; what a crash leaves before that is removed at the next start.
 */
import type { Clock } from '../../base/clock.ts'
import type { Change } from '../../persistence/change.ts'
import type { Store } from '../../persistence/store.ts'
import type { StoredSession } from '../../persistence/stored.ts'
import type { Approval } from '../../protocol/approval.ts'
import { HubError } from '../../protocol/errors.ts'
import type { ExportAbout } from '../../protocol/export.ts'
import type { Item } from '../../protocol/item.ts'
import { type Summary, summarySchema } from '../../protocol/summary.ts'
import type { Turn } from '../../protocol/turn.ts'
import type { Clients } from '../client/clients.ts'
import type { Registry } from '../registry.ts'
import { IMPORTED_ABLE } from '../session/imported.ts'
import { newSession } from '../session/new-session.ts'
import { invalid, type PartOf, readExport } from './read-export.ts'
import type { Uploads } from './uploads.ts'

/** How much is queued before the disk is waited for. Changes. */
const BATCH = 500
const SESSION_ID = /^[A-Za-z0-9_-]{1,100}$/
const CUT_SHORT = 'It was still going on when the session was exported.'

export interface ImportRooms {
  readonly store: Store
  readonly registry: Registry
  readonly clients: Clients
  readonly uploads: Uploads
  readonly clock: Clock
}

export interface Imported {
  readonly session: Summary
  readonly isNew: boolean
}

export class Imports {
  readonly #rooms: ImportRooms
  readonly #running = new Set<string>()

  constructor(rooms: ImportRooms) {
    this.#rooms = rooms
  }

  /** Take back what an earlier hub had begun and not ended. */
  async clean(): Promise<void> {
    const { uploads, store, registry } = this.#rooms
    for (const sessionId of await uploads.clean())
      if (!registry.sessionOrNull(sessionId)) store.write({ kind: 'sessionRemoved', sessionId })
  }

  /** @throws HubError `invalidFile`, `notPossible` */
  async import(path: string): Promise<Imported> {
    const file = await prove(path)
    const known = this.#known(file)
    if (known) return { session: known, isNew: false }
    if (this.#running.has(file.id)) {
      throw new HubError('notPossible', 'This session is being imported already.', { reason: 'importing' })
    }
    this.#running.add(file.id)
    try {
      return { session: await this.#write(path, file), isNew: true }
    } finally {
      this.#running.delete(file.id)
    }
  }

  /** @returns the session where it is known from this export or a newer one @throws HubError where it is the hub's own */
  #known({ id, about }: Proven): Summary | null {
    const session = this.#rooms.registry.sessionOrNull(id)
    if (!session) return null
    const { imported } = session.summary
    if (imported) return imported.exportedAt >= about.exportedAt ? session.summary : null
    throw new HubError(
      'notPossible',
      'The session of this file is one of this hub itself; there is nothing to import.',
      {
        reason: 'exists',
        sessionId: id,
      },
    )
  }

  async #write(path: string, { id, about, summary, next }: Proven): Promise<Summary> {
    const { store, registry, clients, uploads, clock } = this.#rooms
    const unmark = await uploads.mark(id)
    try {
      if (registry.sessionOrNull(id)) {
        registry.drop(id)
        clients.sessionRemoved(id)
      } else store.write({ kind: 'sessionRemoved', sessionId: id })
      let count = 0
      for await (const part of readExport(path)) {
        const change = changeOf(id, part.kind, part.value)
        if (change) store.write(change)
        count += 1
        if (count % BATCH === 0) await store.flush()
      }
      await store.flush()
      const session = registry.adopt(storedOf(id, summary, about, next, clock.now()))
      await store.flush()
      return session.summary
    } catch (error) {
      store.write({ kind: 'sessionRemoved', sessionId: id })
      throw error
    } finally {
      await unmark()
    }
  }
}

interface Proven {
  readonly id: string
  readonly about: ExportAbout
  readonly summary: Readonly<Record<string, unknown>>
  readonly next: StoredSession['nextSeq']
}

/** Read all of it, and keep nothing but what is small. @throws HubError `invalidFile` */
async function prove(path: string): Promise<Proven> {
  let about: ExportAbout | null = null
  let summary: Readonly<Record<string, unknown>> | null = null
  let hasDetails = false
  const next = { turn: 0, item: 0 }
  for await (const { kind, value } of readExport(path)) {
    if (kind === 'about') about = value as ExportAbout
    else if (kind === 'session') summary = value as PartOf<'session'>
    else if (kind === 'details') hasDetails = true
    else if (kind === 'turns') next.turn = Math.max(next.turn, (value as Turn).seq + 1)
    else if (kind === 'items') next.item = Math.max(next.item, (value as Item).seq + 1)
  }
  const id = summary?.id
  if (!about || !summary || !hasDetails || typeof id !== 'string' || !SESSION_ID.test(id)) {
    throw invalid('corrupt', 'The file does not say which session it holds.')
  }
  return { id, about, summary, next }
}

/** Nothing of it goes on here: what was running when it was exported is over. */
function changeOf(sessionId: string, kind: string, value: unknown): Change | null {
  switch (kind) {
    case 'details':
      return { kind: 'details', sessionId, details: value as PartOf<'details'> }
    case 'turns': {
      const turn = value as Turn
      const error = { message: CUT_SHORT, code: 'exported' }
      return turn.status === 'inProgress'
        ? { kind: 'turn', sessionId, turn: { ...turn, status: 'interrupted', error } }
        : { kind: 'turn', sessionId, turn }
    }
    case 'items': {
      const item = value as Item
      return item.status === 'inProgress'
        ? { kind: 'item', sessionId, item: { ...item, status: 'interrupted' } }
        : { kind: 'item', sessionId, item }
    }
    case 'approvals': {
      const approval = value as Approval
      const outcome = { choice: null, by: null, at: approval.requestedAt, waitedMs: 0, why: CUT_SHORT }
      return approval.state === 'pending'
        ? { kind: 'approval', sessionId, approval: { ...approval, state: 'withdrawn', outcome } }
        : { kind: 'approval', sessionId, approval }
    }
    default:
      return null
  }
}

function storedOf(
  id: string,
  given: Readonly<Record<string, unknown>>,
  { exportedAt, hub }: ExportAbout,
  nextSeq: StoredSession['nextSeq'],
  now: number,
): StoredSession {
  const fresh = newSession(id, '', {}, exportedAt)
  const known: Record<string, unknown> = {}
  for (const [key, schema] of Object.entries(summarySchema.shape)) {
    const parsed = schema.safeParse(given[key])
    if (parsed.success && given[key] !== undefined) known[key] = parsed.data
  }
  const summary = { ...fresh.summary, ...known } as Summary
  const threadId = summary.threadId ?? summary.imported?.threadId ?? null
  return {
    ...fresh,
    nextSeq,
    summary: {
      ...summary,
      id,
      // Not its thread here: a session of this hub may have it, or come to have it.
      threadId: null,
      door: 'imported',
      phase: 'dormant',
      capabilities: IMPORTED_ABLE,
      attention: null,
      isolation: null,
      problem: null,
      note: null,
      reading: null,
      parentThreadId: null,
      // What is of the other hub: who made it there and what for, and what waited.
      createdBy: undefined,
      reviewOf: undefined,
      queue: null,
      unread: 0,
      archived: false,
      imported: { at: now, exportedAt, hub, threadId },
    },
  }
}
