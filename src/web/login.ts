/**
 * How this browser gets in: a token, or a ticket for one, is posted once and becomes a cookie that no script can read.
 * The address bar loses it at once, and nothing of it is stored here.
 */

/** Log in by the link's fragment. @returns why that failed; null when there was none, or it worked */
export async function logInByLink(): Promise<string | null> {
  const token = new URLSearchParams(location.hash.slice(1)).get('token')
  if (token === null) return null
  history.replaceState(null, '', location.pathname)
  return logIn(token)
}

/** @returns why it failed, or null */
export async function logIn(token: string): Promise<string | null> {
  const answer = await fetch('/login', {
    method: 'POST',
    headers: { authorization: `Bearer ${token.trim()}` },
  }).catch(() => null)
  if (answer?.ok) return null
  const body = (await answer?.json().catch(() => null)) as { error?: string } | null | undefined
  return body?.error ?? 'The hub does not answer.'
}

export async function logOut(): Promise<void> {
  await fetch('/logout', { method: 'POST' }).catch(() => null)
  location.reload()
}
