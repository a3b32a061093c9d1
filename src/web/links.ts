/** Addresses within the page. */

/** What stands behind the `#` for a session, or for one item of it. */
export function fragmentOf(sessionId: string, itemId?: string): string {
  return new URLSearchParams({ session: sessionId, ...(itemId !== undefined && { item: itemId }) }).toString()
}

export function linkTo(sessionId: string, itemId?: string): string {
  return `${location.origin}${location.pathname}#${fragmentOf(sessionId, itemId)}`
}
