/** Sessions that came as a file: there is no Codex behind them, and never will be. They can be read, named and deleted. */
import { HubError } from '../../protocol/errors.ts'
import type { Door, Summary } from '../../protocol/summary.ts'

/** The commands that work on them. */
export const IMPORTED_ABLE = ['session/delete', 'session/markRead', 'session/rename']

/** The door of a session with nothing behind it. */
export const restingDoor = ({ imported }: Pick<Summary, 'imported'>): Door =>
  imported ? 'imported' : 'dormant'

/** @throws HubError `notPossible`, `reason: imported` */
export function refuseIfImported({ imported }: Summary, method: string): void {
  if (!imported || IMPORTED_ABLE.includes(method)) return
  throw new HubError(
    'notPossible',
    'This session was imported from a file; it can be read here, and goes on in the hub it came from.',
    { reason: 'imported', hub: imported.hub, threadId: imported.threadId },
  )
}
