/**
 * The life of a session as a state machine: which phase it is in and what may follow. It holds no facts (the reducer
 * does) and does nothing itself; opening and stopping are actors provided by the session. Only `lives.ts`
 * sends events into it.
 */
import { assign, fromPromise, setup } from 'xstate'
import type { Phase } from '../../protocol/summary.ts'

/** How a connector is obtained. */
export type OpenHow =
  /** A new thread in a child of its own. */
  | 'create'
  /** The thread goes on in a child of its own. */
  | 'resume'
  /** The child of an earlier hub. */
  | 'rejoin'
  /** The child died; another one takes its place. */
  | 'recover'
  /** The user's daemon has the thread open. */
  | 'join'
  /** Somebody else writes the thread; its rollout is read. */
  | 'observe'

/** What Codex shows the session to be doing. */
export type Activity = 'idle' | 'working' | 'awaitingApproval'

export type LifeEvent =
  /** Open the session's door, or another one. */
  | { readonly type: 'open'; readonly how: OpenHow }
  /** Evidence from Codex. */
  | { readonly type: 'activity'; readonly activity: Activity }
  /** What was behind the connector ended by itself. `inTurn`: it owed an answer. */
  | { readonly type: 'sourceEnded'; readonly inTurn: boolean }
  /** Stop what is behind the session; `rest` says what it is then. */
  | { readonly type: 'stop'; readonly force: boolean; readonly rest: Rest }

/** What a session is whose process was stopped on purpose: ended, handed over to others, or put away until it is needed. */
export type Rest = 'closed' | 'dormant' | 'parked'

/** How much of a thread's running is the hub's own behind each door: watched, shared with others, or in its own child. */
const CLOSENESS: Readonly<Record<OpenHow, number>> = {
  observe: 0,
  join: 1,
  create: 2,
  resume: 2,
  rejoin: 2,
  recover: 2,
}

interface LifeContext {
  readonly how: OpenHow
  /** How many took the place of one that ended, since one was last looked at to its end. */
  readonly replaced: number
  readonly force: boolean
  readonly rest: Rest
}

/** A process that ends each time before it was looked at is not replaced for ever. */
const MOST_REPLACED = 3

/** Where the machine goes once a door is open, by what Codex was doing. */
const OPENED = [
  { guard: 'isWorking', target: '#life.live.working' },
  { guard: 'isAwaitingApproval', target: '#life.live.awaitingApproval' },
  { target: '#life.live.idle' },
] as const

/** An actor's id is its session's: one machine serves them all. */
export const lifeMachine = setup({
  types: {
    context: {} as LifeContext,
    events: {} as LifeEvent,
    input: {} as Record<string, never>,
  },
  actors: {
    open: fromPromise<Activity, { sessionId: string; how: OpenHow }>(() =>
      Promise.reject(new Error('open is provided by the session')),
    ),
    stop: fromPromise<void, { sessionId: string; force: boolean }>(() =>
      Promise.reject(new Error('stop is provided by the session')),
    ),
  },
  actions: {
    rememberHow: assign({
      how: ({ event }) => (event.type === 'open' ? event.how : 'recover'),
      replaced: ({ context, event }) => (event.type === 'open' ? 0 : context.replaced + 1),
    }),
    looked: assign({ replaced: 0 }),
    rememberStop: assign({
      force: ({ event }) => event.type === 'stop' && event.force,
      rest: ({ event }) => (event.type === 'stop' ? event.rest : 'closed'),
    }),
  },
  guards: {
    owedAnAnswer: ({ event }) => event.type === 'sourceEnded' && event.inTurn,
    isRejoin: ({ event }) => event.type === 'open' && event.how === 'rejoin',
    isWorking: ({ event }) => 'output' in event && event.output === 'working',
    isAwaitingApproval: ({ event }) => 'output' in event && event.output === 'awaitingApproval',
    // A step that fails changes nothing; the summary says why.
    isStep: ({ context }) => context.how !== 'create' && context.how !== 'recover',
    isHandedOver: ({ context }) => context.rest === 'dormant',
    isPutAway: ({ context }) => context.rest === 'parked',
    wasNew: ({ context }) => context.how === 'create',
    // Whoever asked looked before somebody else opened it: nothing open is let go of for less, or for the same.
    leadsCloser: ({ context, event }) =>
      event.type === 'open' && CLOSENESS[event.how] > CLOSENESS[context.how],
    diesEachTime: ({ context, event }) =>
      event.type === 'sourceEnded' && event.inTurn && context.replaced >= MOST_REPLACED,
  },
}).createMachine({
  id: 'life',
  context: { how: 'resume', replaced: 0, force: false, rest: 'closed' },
  initial: 'dormant',
  on: {
    stop: { target: '.stopping', actions: 'rememberStop' },
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
    parked: { on: { open: { target: 'starting', actions: 'rememberHow' } } },
    closed: { on: { open: { target: 'starting', actions: 'rememberHow' } } },
    failed: { on: { open: { target: 'starting', actions: 'rememberHow' } } },
    starting: {
      invoke: {
        src: 'open',
        input: ({ context, self }) => ({ sessionId: self.id, how: context.how }),
        onDone: OPENED,
        onError: [{ guard: 'isStep', target: 'dormant' }, { target: 'failed' }],
      },
      // It ended while we looked at it: the invoked `open` is dropped with the state.
      on: {
        sourceEnded: [
          { guard: 'wasNew', target: 'failed' },
          { guard: 'owedAnAnswer', target: 'recovering', actions: 'rememberHow' },
          { target: 'dormant' },
        ],
      },
    },
    recovering: {
      invoke: {
        src: 'open',
        input: ({ context, self }) => ({ sessionId: self.id, how: context.how }),
        onDone: OPENED,
        // A child of an earlier hub that is gone leaves a session that simply is not running.
        onError: [{ guard: 'isStep', target: 'dormant' }, { target: 'failed' }],
      },
      on: {
        sourceEnded: [
          { guard: 'diesEachTime', target: 'failed' },
          { guard: 'owedAnAnswer', target: 'recovering', reenter: true, actions: 'rememberHow' },
          { target: 'dormant' },
        ],
      },
    },
    live: {
      entry: 'looked',
      initial: 'idle',
      states: { idle: {}, working: {}, awaitingApproval: {} },
      on: {
        // Through another door: the session lets go of the present one first.
        open: { guard: 'leadsCloser', target: 'starting', actions: 'rememberHow' },
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
        input: ({ context, self }) => ({ sessionId: self.id, force: context.force }),
        onDone: [
          { guard: 'isHandedOver', target: 'dormant' },
          { guard: 'isPutAway', target: 'parked' },
          { target: 'closed' },
        ],
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
