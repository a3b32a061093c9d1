/**
 * Tells a person who looks elsewhere that a session waits, failed or is done. Only while the page is not seen, once for
 * each cause, and only where the person allowed it. What an agent wrote is not part of it: screens lock, and show it.
 */
import { useEffect, useRef, useState } from 'react'
import type { Attention, Summary } from '../protocol/summary.ts'

const KEY = 'codex-hub.notifications'

const WORDS: Record<Attention['reason'], string> = {
  approval: 'needs your approval',
  question: 'asks you something',
  failed: 'failed',
  finished: 'is done',
}

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

/** `open` shows the session that was told of. */
export function useTelling(
  sessions: readonly Summary[],
  permission: Permission,
  open: (id: string) => void,
): void {
  const told = useRef<Map<string, number> | null>(null)
  useEffect(() => {
    const known = told.current
    told.current = new Map(
      sessions.flatMap(({ id, attention }) => (attention ? [[id, attention.since] as const] : [])),
    )
    // What was there when the page opened is on the screen already.
    if (known === null || permission !== 'on' || document.visibilityState === 'visible') return
    for (const { id, title, attention } of sessions) {
      if (!attention || known.get(id) === attention.since) continue
      const notification = new Notification(title, {
        body: WORDS[attention.reason],
        icon: '/icons/icon-192.png',
        tag: id,
      })
      notification.onclick = () => {
        window.focus()
        open(id)
        notification.close()
      }
    }
  }, [sessions, permission, open])
}
