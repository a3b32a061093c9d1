/** Keeps the page for times without a hub, and tells when the hub has brought another version of it. */
import type { HubClient } from '../../client/client.ts'
import { Observable } from '../../client/observable.ts'

const outdated = new Observable(false)

/** True once the hub has another page than the one that is open. This one goes on; a reload brings the other. */
export const isOutdated: Pick<typeof outdated, 'subscribe' | 'getSnapshot'> = outdated

/** Register the service worker, and have it look for another version whenever the hub has come back. */
export function keepPage(hub: HubClient): void {
  // A part that is loaded later is gone where the hub has another page by then.
  addEventListener('vite:preloadError', () => outdated.set(true))
  const workers = navigator.serviceWorker as ServiceWorkerContainer | undefined
  // Not there where the page came over plain HTTP from another machine.
  if (!workers || import.meta.env.DEV) return
  // The first worker of a browser takes over this very version.
  let hasWorker = workers.controller !== null
  workers.addEventListener('controllerchange', () => {
    if (hasWorker) outdated.set(true)
    hasWorker = true
  })
  const registered = workers.register('/sw.js').catch(() => null)
  let wasLive = true
  hub.connection.subscribe(() => {
    const isLive = hub.connection.getSnapshot().status === 'live'
    if (isLive && !wasLive) void registered.then((registration) => registration?.update()).catch(() => {})
    wasLive = isLive
  })
}
