/** Prompts on their way to Codex: into a turn of their own, or into the one that runs. */

import { steerTurn } from '../../connectors/codex/operations/turn.ts'
import type { Connector, TurnRequest } from '../../connectors/connector.ts'
import { HubError } from '../../protocol/errors.ts'
import type { Input } from '../../protocol/input.ts'
import { joinSettings } from '../../protocol/settings.ts'
import { asWireErrors } from '../session/connector-failure.ts'
import { runningTurn } from '../session/derive.ts'
import { broughtDeltas } from '../session/ran-with.ts'
import type { Session } from '../session/session.ts'
import { patch } from '../session/summary-patch.ts'
import { turnInProgress } from '../session/turn-gate.ts'

/** Give Codex a prompt. One at a time: a second `turn/start` would fold into the running turn. */
export function startTurn(session: Session, request: TurnRequest): Promise<string> {
  return withTurnGate(session, async (connector) => {
    const began = await session.beforeTurn()
    // That takes a while, in which a turn may have begun on another surface, or the process ended and another one come.
    session.turns.refuse()
    const present = session.connector === connector ? connector : await session.ensureLive()
    return giveTurn(session, present, request, began)
  })
}

/**
 * Do something that starts a turn while nobody else can.
 * @throws HubError `notPossible` while a turn runs or another one is being started
 */
export async function withTurnGate<T>(
  session: Session,
  run: (connector: Connector) => Promise<T>,
): Promise<T> {
  session.refuseIfObserved()
  const release = session.turns.reserve()
  try {
    const connector = await session.ensureLive()
    // A session that was just joined may turn out to be in a turn.
    session.turns.refuse()
    return await run(connector)
  } finally {
    release()
  }
}

/**
 * Let no turn begin until the returned function is called, for what would end it.
 * @throws HubError `notPossible` while a turn runs or is being started
 */
export function keepFromTurns(session: Session): () => void {
  // While the door opens the gate does not know yet.
  const running = session.connector ? runningTurn(session.record.state) : undefined
  if (running) throw turnInProgress(running.id)
  return session.turns.reserve()
}

/** Send a prompt, at the turn gate. @param began what `beforeTurn` gave. @throws HubError */
export async function giveTurn(
  session: Session,
  connector: Connector,
  request: TurnRequest,
  began: (turnId: string) => void,
): Promise<string> {
  const { turnId } = await asWireErrors(() => connector.startTurn(request))
  session.turnAccepted(turnId)
  began(turnId)
  if (request.settings)
    session.record.patchPrivate({ wanted: joinSettings(session.record.wanted, request.settings) })
  const brought = broughtDeltas(session.record.state.turns, turnId, request)
  session.facts.apply([...brought, ...patch(session.summary, { unread: 0, problem: null })])
  return turnId
}

/**
 * Give the running turn more input.
 * @throws HubError `notPossible` when no turn runs or it takes none, `stale` when it is not the expected one
 */
export async function steer(
  session: Session,
  request: {
    readonly commandId: string
    readonly input: Input
    readonly expectedTurnId?: string | undefined
  },
): Promise<string> {
  session.refuseIfObserved()
  const { commandId, input, expectedTurnId } = request
  const { connector } = session
  const running = connector ? runningTurn(session.record.state) : undefined
  if (expectedTurnId !== undefined && running?.id !== expectedTurnId)
    throw staleTurn(expectedTurnId, running?.id)
  if (!connector || !running) {
    throw new HubError('notPossible', 'No turn is running; send the input as a prompt.', {
      reason: 'noTurn',
      phase: session.phase,
    })
  }
  const { line } = connector
  if (!line || !connector.operations.has('steer')) {
    throw new HubError('unsupported', 'This release of Codex takes no input into a running turn.', {
      codexVersion: connector.codexVersion,
    })
  }
  const refusal = await asWireErrors(() => steerTurn(line, { turnId: running.id, commandId, input }))
  // Between the look and the request the turn may have ended.
  if (refusal === 'notRunning') throw staleTurn(running.id, runningTurn(session.record.state)?.id)
  if (refusal === 'takesNoInput') {
    throw new HubError('notPossible', 'The running turn is a review or a compaction and takes no input.', {
      reason: 'takesNoInput',
      turnId: running.id,
    })
  }
  return running.id
}

function staleTurn(turnId: string, running: string | undefined): HubError {
  return new HubError('stale', `Turn ${turnId} is not the running one.`, { running: running ?? null })
}
