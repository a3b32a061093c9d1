/**
 * The service worker: with it the page opens while the hub is away, and says so, instead of the browser's error. It
 * keeps the files of the page and nothing else. **Invariant:** what the hub serves goes before what is kept here, so
 * that nobody is held on an old page: only files whose name is a hash of their content are answered from the cache.
 */

/** Put here by the build: a hash of the page, and what it starts with. */
declare const SHELL: { readonly version: string; readonly files: readonly string[] }

interface ExtendableEvent extends Event {
  waitUntil(work: Promise<unknown>): void
}
interface FetchEvent extends ExtendableEvent {
  readonly request: Request
  respondWith(answer: Promise<Response>): void
}

/** The part of `ServiceWorkerGlobalScope` that is used; its library contradicts that of the page. */
const worker = globalThis as unknown as {
  readonly location: Location
  readonly clients: { claim(): Promise<void> }
  skipWaiting(): Promise<void>
  addEventListener(type: 'install' | 'activate', on: (event: ExtendableEvent) => void): void
  addEventListener(type: 'fetch', on: (event: FetchEvent) => void): void
}

const PREFIX = 'codex-hub-page-'
const NAME = PREFIX + SHELL.version
/** A tab of the version before may still ask for a part of itself. */
const KEPT_VERSIONS = 2

worker.addEventListener('install', (event) => {
  const keep = async (): Promise<void> => {
    const cache = await caches.open(NAME)
    await cache.addAll(SHELL.files.map((file) => new Request(file, { cache: 'no-cache' })))
    await worker.skipWaiting()
  }
  event.waitUntil(keep())
})

worker.addEventListener('activate', (event) => {
  const tidy = async (): Promise<void> => {
    const names = (await caches.keys()).filter((name) => name.startsWith(PREFIX) && name !== NAME)
    await Promise.all(names.slice(0, -(KEPT_VERSIONS - 1)).map((name) => caches.delete(name)))
    await worker.clients.claim()
  }
  event.waitUntil(tidy())
})

worker.addEventListener('fetch', (event) => {
  const { request } = event
  const url = new URL(request.url)
  if (request.method !== 'GET' || url.origin !== worker.location.origin) return
  if (request.mode === 'navigate') event.respondWith(fetch(request).catch(() => shell()))
  else if (url.pathname.startsWith('/assets/')) event.respondWith(kept(request))
})

/** The page itself; an error as of the network where it is not here. */
async function shell(): Promise<Response> {
  return (await caches.open(NAME)).match('/').then((found) => found ?? Response.error())
}

/** From this version, from the one before, or from the hub, and then kept: a name is a hash of what is in it. */
async function kept(request: Request | string): Promise<Response> {
  const cache = await caches.open(NAME)
  const found = (await cache.match(request)) ?? (await caches.match(request))
  if (found) return found
  const answer = await fetch(request)
  // A browser without room for it shows the page all the same.
  if (answer.ok) await cache.put(request, answer.clone()).catch(() => {})
  return answer
}
