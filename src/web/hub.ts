/** The page's one connection, and hooks that follow what the SDK shows. */
import { createContext, useContext, useEffect, useMemo, useSyncExternalStore } from 'react'
import { connectHub, type HubClient } from '../client/client.ts'
import type { Readable } from '../client/observable.ts'
import type { SessionHandle } from '../client/subscriptions.ts'
import { HubError } from '../protocol/errors.ts'
import type { Outbox } from './composer/outbox.ts'

const CLIENT_KEY = 'codex-hub.client'

/** The cookie of this browser speaks for it. */
export function connect(): HubClient {
  let id = sessionStorage.getItem(CLIENT_KEY)
  if (id === null) {
    // One per tab: two tabs are two clients.
    id = `web-${crypto.randomUUID()}`
    sessionStorage.setItem(CLIENT_KEY, id)
  }
  return connectHub({ url: location.origin, client: { id, name: 'web page' } })
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
