/**
 * Hints that the world may have changed while nobody looked: the page became visible, came back from the cache, the
 * network returned. Browser timers are throttled in the background, so these are what makes a check prompt.
 */

/** Calls `wake` at every hint; returns the function that stops it. */
export type Hints = (wake: () => void) => () => void

interface EventSource {
  addEventListener?(type: string, listener: () => void): void
  removeEventListener?(type: string, listener: () => void): void
}

/** What a browser has to offer; nothing at all in Node. */
export const pageHints: Hints = (wake) => {
  const page = globalThis as EventSource & { document?: EventSource & { visibilityState?: string } }
  const { document } = page
  const onVisibility = () => {
    if (document?.visibilityState === 'visible') wake()
  }
  const types = ['online', 'pageshow', 'focus']
  for (const type of types) page.addEventListener?.(type, wake)
  document?.addEventListener?.('visibilitychange', onVisibility)
  return () => {
    for (const type of types) page.removeEventListener?.(type, wake)
    document?.removeEventListener?.('visibilitychange', onVisibility)
  }
}
