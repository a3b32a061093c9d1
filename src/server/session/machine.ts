/**
 * The life of a session as a state machine: which phase it is in and what may follow. It holds no facts (the reducer
 * does) and does nothing itself; opening and stopping are actors provided by the session. Only the registry sends
 * events into it.
 */
import { assign, fromPromise, setup } from 'xstate'
import type { Phase } from '../../protocol/summary.ts'

/** How a connector is obtained. */
export type OpenHow = 'create' | 'resume' | 'rejoin' | 'recover'

/** What Codex shows the session to be doing. */
export type Activity = 'idle' | 'working' | 'awaitingApproval'

export type LifeEvent =
  /** Open the session's door. */
  | { readonly type: 'open'; readonly how: OpenHow }
  /** Evidence from Codex. */
  | { readonly type: 'activity'; readonly activity: Activity }
  /** What was behind the connector ended by itself. `inTurn`: it owed an answer. */
  | { readonly type: 'sourceEnded'; readonly inTurn: boolean }
  /** Stop what is behind the session. */
  | { readonly type: 'stop'; readonly force: boolean }

interface LifeContext {
  readonly how: OpenHow
  readonly force: boolean
}

export const lifeMachine = setup({
  types: {
    context: {} as LifeContext,
    events: {} as LifeEvent,
    input: {} as Record<string, never>,
  },
  actors: {
    open: fromPromise<Activity, { how: OpenHow }>(() =>
      Promise.reject(new Error('open is provided by the session')),
    ),
    stop: fromPromise<void, { force: boolean }>(() =>
      Promise.reject(new Error('stop is provided by the session')),
    ),
  },
  actions: {
    rememberHow: assign({ how: ({ event }) => (event.type === 'open' ? event.how : 'recover') }),
    rememberForce: assign({ force: ({ event }) => event.type === 'stop' && event.force }),
  },
  guards: {
    owedAnAnswer: ({ event }) => event.type === 'sourceEnded' && event.inTurn,
    isRejoin: ({ event }) => event.type === 'open' && event.how === 'rejoin',
  },
}).createMachine({
  id: 'life',
  context: { how: 'resume', force: false },
  initial: 'dormant',
  on: {
    stop: { target: '.stopping', actions: 'rememberForce' },
  },
  states: {
    dormant: {
      on: {
        open: [
          { guard: 'isRejoin', target: 'recovering', actions: 'rememberHow' },
          { target: 'starting', actions: 'rememberHow' },
        ],
      },
    },
    closed: { on: { open: { target: 'starting', actions: 'rememberHow' } } },
    failed: { on: { open: { target: 'starting', actions: 'rememberHow' } } },
    starting: {
      invoke: {
        src: 'open',
        input: ({ context }) => ({ how: context.how }),
        onDone: [
          { guard: ({ event }) => event.output === 'working', target: 'live.working' },
          { guard: ({ event }) => event.output === 'awaitingApproval', target: 'live.awaitingApproval' },
          { target: 'live.idle' },
        ],
        onError: [
          // A resume that fails changes nothing; the summary says why.
          { guard: ({ context }) => context.how === 'resume', target: 'dormant' },
          { target: 'failed' },
        ],
      },
      // It ended between its handshake and our looking: the invoked `open` is dropped with the state.
      on: { sourceEnded: 'failed' },
    },
    recovering: {
      invoke: {
        src: 'open',
        input: ({ context }) => ({ how: context.how }),
        onDone: [
          { guard: ({ event }) => event.output === 'working', target: 'live.working' },
          { guard: ({ event }) => event.output === 'awaitingApproval', target: 'live.awaitingApproval' },
          { target: 'live.idle' },
        ],
        onError: [
          // A child of an earlier hub that is gone leaves a session that simply is not running.
          { guard: ({ context }) => context.how === 'rejoin', target: 'dormant' },
          { target: 'failed' },
        ],
      },
      on: { sourceEnded: 'dormant' },
    },
    live: {
      initial: 'idle',
      states: { idle: {}, working: {}, awaitingApproval: {} },
      on: {
        activity: [
          { guard: ({ event }) => event.activity === 'idle', target: '.idle' },
          { guard: ({ event }) => event.activity === 'working', target: '.working' },
          { target: '.awaitingApproval' },
        ],
        sourceEnded: [
          { guard: 'owedAnAnswer', target: 'recovering', actions: 'rememberHow' },
          { target: 'dormant' },
        ],
      },
    },
    stopping: {
      invoke: {
        src: 'stop',
        input: ({ context }) => ({ force: context.force }),
        onDone: 'closed',
        onError: 'failed',
      },
      on: { stop: undefined },
    },
  },
})

/** The protocol's word for a state of the machine. */
export function phaseOf(value: unknown): Phase {
  if (typeof value === 'string') return value as Phase
  const [inner] = Object.values(value as Record<string, Phase>)
  return inner ?? 'failed'
}
