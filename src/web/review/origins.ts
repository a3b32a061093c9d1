/** For whom a session reviews, as far as it was asked from this browser: there its findings belong. */

const KEY = 'codex-hub.review-of.'

export function keepOrigin(reviewId: string, sessionId: string): void {
  localStorage.setItem(KEY + reviewId, sessionId)
}

export function originOf(reviewId: string): string | null {
  return localStorage.getItem(KEY + reviewId)
}
