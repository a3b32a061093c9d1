/** Sessions a person keeps at the top, in this browser. All its tabs show the same; none undoes what another did. */
import { Observable, type Readable } from '../../client/observable.ts'

const KEY = 'codex-hub.pins'

const shown = new Observable<ReadonlySet<string>>(read())

export const pins: Readable<ReadonlySet<string>> = shown

addEventListener('storage', ({ key }) => {
  if (key === KEY || key === null) shown.set(read())
})

export function togglePin(sessionId: string): void {
  // Read anew: another tab may have been first.
  const next = new Set(read())
  if (!next.delete(sessionId)) next.add(sessionId)
  localStorage.setItem(KEY, JSON.stringify([...next]))
  shown.set(next)
}

function read(): ReadonlySet<string> {
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(KEY) ?? '[]')
    return new Set(Array.isArray(kept) ? kept.filter((id) => typeof id === 'string') : [])
  } catch {
    return new Set()
  }
}
