/**
 * Tells a person who looks elsewhere that a session waits, failed or is done: from the same log and by the same keys as
 * every other client, once in all tabs of the browser, closed when it is over, and only where the person allowed it. What
 * an agent wrote is not part of it: screens lock, and show it.
 */
import { useEffect, useRef, useState } from 'react'
import type { AttentionEntry } from '../../protocol/attention.ts'
import { wordsOf } from './kinds.ts'

const KEY = 'codex-hub.notifications'

const TOLD_KEY = 'codex-hub.told'
/** As many as the log keeps. */
const TOLD_KEPT = 200
/** A tab that is looked at is first, wherever it is. */
const LATER_MS = 250

export type Permission = 'off' | 'on' | 'denied' | 'unsupported'

/** Whether this browser tells, and a way to change that; turning it on asks the browser's own question. */
export function useNotifications(): [Permission, (isOn: boolean) => void] {
  const read = (): Permission => {
    if (!('Notification' in globalThis)) return 'unsupported'
    if (Notification.permission === 'denied') return 'denied'
    return Notification.permission === 'granted' && localStorage.getItem(KEY) === 'on' ? 'on' : 'off'
  }
  const [permission, setPermission] = useState(read)
  const set = (isOn: boolean): void => {
    localStorage.setItem(KEY, isOn ? 'on' : 'off')
    if (isOn) void Notification.requestPermission().then(() => setPermission(read()))
    else setPermission(read())
  }
  return [permission, set]
}

/**
 * Tell of what the log newly holds. @param entries null until the log is known; what it holds then is on the screen
 * @param open shows the session that was told of
 */
export function useTelling(
  entries: readonly AttentionEntry[] | null,
  permission: Permission,
  open: (id: string) => void,
): void {
  const known = useRef<ReadonlySet<string> | null>(null)
  const current = useRef(entries)
  current.current = entries
  useEffect(() => {
    if (entries === null) return
    const before = known.current
    known.current = new Set(entries.map(({ key }) => key))
    closeWhatIsOver(entries)
    if (before === null || permission !== 'on') return
    for (const entry of entries) {
      if (before.has(entry.key) || entry.clearedAt !== null) continue
      // A tab that is looked at shows it already: then nobody is told.
      if (document.visibilityState === 'visible') void claim(entry.key)
      else setTimeout(() => void tell(entry.key, current, open), LATER_MS)
    }
  }, [entries, permission, open])
}

/** What this tab has told of and is still to be seen. */
const told = new Map<string, Notification>()

async function tell(
  key: string,
  current: { readonly current: readonly AttentionEntry[] | null },
  open: (id: string) => void,
): Promise<void> {
  const entry = current.current?.find((each) => each.key === key)
  if (!entry || entry.clearedAt !== null || !(await claim(key))) return
  const { title, sessionId } = entry
  const notification = new Notification(title, {
    body: wordsOf(entry),
    icon: '/icons/icon-192.png',
    tag: key,
  })
  told.set(key, notification)
  notification.onclick = () => {
    window.focus()
    open(sessionId)
    notification.close()
  }
}

function closeWhatIsOver(entries: readonly AttentionEntry[]): void {
  const open = new Set(entries.flatMap(({ key, clearedAt }) => (clearedAt === null ? [key] : [])))
  for (const [key, notification] of told) {
    if (open.has(key)) continue
    told.delete(key)
    notification.close()
  }
}

/** Whether this tab is the first one of the browser that has to do with it. */
async function claim(key: string): Promise<boolean> {
  const locks = navigator.locks as LockManager | undefined
  const take = (): boolean => {
    const before = readTold()
    if (before.includes(key)) return false
    localStorage.setItem(TOLD_KEY, JSON.stringify([...before, key].slice(-TOLD_KEPT)))
    return true
  }
  // Not there where the page came over plain HTTP from another machine.
  return locks ? locks.request(TOLD_KEY, take) : take()
}

function readTold(): readonly string[] {
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(TOLD_KEY) ?? '[]')
    return Array.isArray(kept) ? kept : []
  } catch {
    return []
  }
}
