/**
 * A hub that came back speaking another protocol has another page as well: this one is reloaded once, by itself, where
 * nothing of a person is lost by that. What stays refused after it, or would cost something, is said instead.
 */
import type { HubClient } from '../../client/client.ts'
import { CLOSE_CODES } from '../../protocol/close-codes.ts'
import { ERRORS } from '../../protocol/errors.ts'

const KEY = 'codex-hub.reloaded'

/** As an answer to the greeting, and as the end of the connection. */
const CODES: readonly (number | null)[] = [
  ERRORS.unsupportedVersion.code,
  CLOSE_CODES.unsupportedVersion.code,
]

export function isOtherProtocol(code: number | null): boolean {
  return CODES.includes(code)
}

/** Drafts and prompts on their way are kept by the tab; what is in an open dialog and pictures are not. */
export function reloadOnUpgrade(hub: HubClient): void {
  hub.connection.subscribe(() => {
    const state = hub.connection.getSnapshot()
    if (state.status === 'live') sessionStorage.removeItem(KEY)
    if (state.status !== 'refused' || !isOtherProtocol(state.code)) return
    if (sessionStorage.getItem(KEY) !== null || holdsMore()) return
    sessionStorage.setItem(KEY, 'once')
    location.reload()
  })
}

function holdsMore(): boolean {
  return document.querySelector('dialog[open], .images img, .plan-card textarea, .goal textarea') !== null
}
