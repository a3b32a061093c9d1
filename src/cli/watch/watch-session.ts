/** Follows one session on the terminal until its turn ends, it is gone, or the person has seen enough. */
import type { HubClient } from '../../client/client.ts'
import type { SessionState } from '../../protocol/session-state.ts'
import type { Turn } from '../../protocol/turn.ts'
import { Printer } from './printer.ts'

export interface WatchOptions {
  readonly json: boolean
  readonly untilIdle: boolean
  /** Show this turn only, and end with it. */
  readonly turnId?: string
}

/** `failed`: the turn that was waited for did not complete. `left`: the person stopped watching. */
export type Ending = 'completed' | 'failed' | 'left' | 'gone'

export async function watchSession(
  hub: HubClient,
  sessionId: string,
  options: WatchOptions,
): Promise<Ending> {
  const { json, untilIdle, turnId } = options
  const printer = new Printer({ json, sessionId, turnId, write: (text) => process.stdout.write(text) })
  const session = hub.session(sessionId)
  const stop: (() => void)[] = [followConnection(hub, printer)]
  try {
    return await new Promise<Ending>((resolve) => {
      const look = (): void => {
        const { state, status } = session.getSnapshot()
        if (status === 'gone') resolve('gone')
        if (!state || status === 'loading') return
        printer.show(state)
        const turn = untilIdle ? endedTurn(state, turnId) : null
        if (turn) resolve(turn.status === 'completed' ? 'completed' : 'failed')
        else if (untilIdle && state.turns.length === 0 && !isBusy(state)) resolve('completed')
      }
      stop.push(session.subscribe(look))
      const leave = (): void => resolve('left')
      process.once('SIGINT', leave)
      stop.push(() => process.off('SIGINT', leave))
      look()
    })
  } finally {
    for (const step of stop) step()
    printer.end()
    session.release()
  }
}

/** The turn that was waited for, once the session has come to rest. */
function endedTurn(state: SessionState, turnId: string | undefined): Turn | null {
  if (isBusy(state)) return null
  const turn = turnId === undefined ? state.turns.at(-1) : state.turns.find(({ id }) => id === turnId)
  return turn && turn.status !== 'inProgress' ? turn : null
}

function isBusy({ summary }: SessionState): boolean {
  return ['starting', 'recovering', 'working', 'awaitingApproval'].includes(summary.phase)
}

/** A hub that restarts is waited for; a person is told. */
function followConnection(hub: HubClient, printer: Printer): () => void {
  let wasOffline = false
  return hub.connection.subscribe(() => {
    const { status } = hub.connection.getSnapshot()
    if (status === 'offline' && !wasOffline) {
      wasOffline = true
      printer.note('(the hub is gone; waiting for it to come back, Ctrl-C to leave)')
    } else if (status === 'live' && wasOffline) {
      wasOffline = false
      printer.note('(the hub is back)')
    }
  })
}
