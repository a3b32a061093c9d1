/** The page's one connection, and hooks that follow what the SDK shows. */
import { createContext, useContext, useEffect, useMemo, useSyncExternalStore } from 'react'
import { connectHub, type HubClient } from '../client/client.ts'
import { newCommandId } from '../client/command-id.ts'
import type { Readable } from '../client/observable.ts'
import type { SessionHandle } from '../client/subscriptions.ts'
import { HubError } from '../protocol/errors.ts'
import type { Outbox } from './composer/outbox.ts'
import { knowHome } from './format.ts'

const CLIENT_KEY = 'codex-hub.client'
const LET_GO_MS = 300

/** The cookie of this browser speaks for it. */
export async function connect(): Promise<HubClient> {
  const id = await claimClientId()
  const hub = connectHub({ url: location.origin, client: { id, name: 'web page' } })
  hub.connection.subscribe(() => knowHome(hub.welcome?.hub.home ?? null))
  return hub
}

/** One per tab, kept through a reload: two tabs are two clients, also where one began as a copy of the other. */
async function claimClientId(): Promise<string> {
  const known = sessionStorage.getItem(CLIENT_KEY)
  if (known !== null && (await claim(known))) return known
  const id = `web-${newCommandId()}`
  sessionStorage.setItem(CLIENT_KEY, id)
  await claim(id)
  return id
}

/** Held for as long as the tab lives. A reloaded one lets go of it a moment after the next has begun. */
function claim(id: string): Promise<boolean> {
  const locks = navigator.locks as LockManager | undefined
  // Not there where the page came over plain HTTP from another machine.
  if (!locks) return Promise.resolve(true)
  return new Promise((resolve) => {
    const forLife = (): Promise<void> => {
      resolve(true)
      return new Promise(() => {})
    }
    locks
      .request(`codex-hub.client.${id}`, { signal: AbortSignal.timeout(LET_GO_MS) }, forLife)
      .catch(() => resolve(false))
  })
}

const HubContext = createContext<HubClient | null>(null)
export const HubProvider = HubContext.Provider

export function useHub(): HubClient {
  const hub = useContext(HubContext)
  if (!hub) throw new Error('Outside of a HubProvider.')
  return hub
}

const OutboxContext = createContext<Outbox | null>(null)
export const OutboxProvider = OutboxContext.Provider

export function useOutbox(): Outbox {
  const outbox = useContext(OutboxContext)
  if (!outbox) throw new Error('Outside of an OutboxProvider.')
  return outbox
}

export function useReadable<T>(readable: Readable<T>): T {
  return useSyncExternalStore(readable.subscribe, readable.getSnapshot)
}

/** Follow a session for as long as the component lives. */
export function useSession(sessionId: string): SessionHandle {
  const hub = useHub()
  const handle = useMemo(() => hub.session(sessionId), [hub, sessionId])
  useEffect(() => () => handle.release(), [handle])
  return handle
}

/** What went wrong, in words. */
export function says(error: unknown): string {
  if (error instanceof HubError) return error.message
  return error instanceof Error ? error.message : String(error)
}
