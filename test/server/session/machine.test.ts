/** The life of a session as arrows, without any session: pure transitions of the machine. */
import { expect, it } from 'vitest'
import { initialTransition, transition } from 'xstate'
import { type LifeEvent, lifeMachine, phaseOf } from '../../../src/server/session/machine.ts'

type Snapshot = ReturnType<typeof initialTransition<typeof lifeMachine>>[0]
/** What the invoked actors say; XState gives such events these names. */
const opened = (how: 'starting' | 'recovering', output: string) => ({
  type: `xstate.done.actor.0.life.${how}`,
  output,
})
const failed = (where: string) => ({ type: `xstate.error.actor.0.life.${where}`, error: new Error('no') })
const stopped = { type: 'xstate.done.actor.0.life.stopping' }

const open = (how: Extract<LifeEvent, { type: 'open' }>['how']): LifeEvent => ({ type: 'open', how })
const activity = (what: Extract<LifeEvent, { type: 'activity' }>['activity']): LifeEvent => ({
  type: 'activity',
  activity: what,
})
const ended = (inTurn: boolean): LifeEvent => ({ type: 'sourceEnded', inTurn })
const stop = (rest: Extract<LifeEvent, { type: 'stop' }>['rest'] = 'closed'): LifeEvent => ({
  type: 'stop',
  force: false,
  rest,
})

/** The phases a new session goes through. */
function phases(...events: readonly object[]): string[] {
  let [snapshot] = initialTransition(lifeMachine, {}) as [Snapshot, unknown]
  return events.map((event) => {
    ;[snapshot] = transition(lifeMachine, snapshot, event as LifeEvent)
    return phaseOf(snapshot.value)
  })
}

const live = [open('create'), opened('starting', 'idle')]

const LIVES = [
  [
    'a new session starts and works',
    [...live, activity('working'), activity('awaitingApproval'), activity('idle')],
    ['starting', 'idle', 'working', 'awaitingApproval', 'idle'],
  ],
  [
    'a door may open on a turn that runs, or on one that waits',
    [open('resume'), opened('starting', 'working')],
    ['starting', 'working'],
  ],
  [
    'an earlier child is looked for',
    [open('rejoin'), opened('recovering', 'awaitingApproval')],
    ['recovering', 'awaitingApproval'],
  ],
  [
    'one that is gone leaves a dormant session',
    [open('rejoin'), failed('recovering')],
    ['recovering', 'dormant'],
  ],
  [
    'a new session that cannot start has failed',
    [open('create'), failed('starting')],
    ['starting', 'failed'],
  ],
  ['a resume that fails changes nothing', [open('resume'), failed('starting')], ['starting', 'dormant']],
  [
    'neither does a join or a look',
    [open('join'), failed('starting'), open('observe'), failed('starting')],
    ['starting', 'dormant', 'starting', 'dormant'],
  ],
  [
    'a child that dies in a turn is replaced',
    [...live, ended(true), opened('recovering', 'idle')],
    ['starting', 'idle', 'recovering', 'idle'],
  ],
  [
    'where that fails the session has failed, and can be opened again',
    [...live, ended(true), failed('recovering'), open('resume')],
    ['starting', 'idle', 'recovering', 'failed', 'starting'],
  ],
  [
    'one that dies while it is looked at is replaced as well',
    [open('rejoin'), ended(true), opened('recovering', 'working')],
    ['recovering', 'recovering', 'working'],
  ],
  [
    'the same where it was resumed',
    [open('resume'), ended(true), opened('recovering', 'idle')],
    ['starting', 'recovering', 'idle'],
  ],
  [
    'one that dies each time is not replaced for ever',
    [...live, ended(true), ended(true), ended(true), ended(true)],
    ['starting', 'idle', 'recovering', 'recovering', 'recovering', 'failed'],
  ],
  ['one that ends idle leaves a dormant session', [...live, ended(false)], ['starting', 'idle', 'dormant']],
  [
    'another door takes the place of the open one',
    [open('observe'), opened('starting', 'idle'), open('join'), opened('starting', 'working')],
    ['starting', 'idle', 'starting', 'working'],
  ],
  [
    'what leads no closer takes no place: a look, a join, or a second resume beside a child',
    [...live, open('observe'), open('join'), open('resume')],
    ['starting', 'idle', 'idle', 'idle', 'idle'],
  ],
  [
    'nor a look the place of a join',
    [open('join'), opened('starting', 'idle'), open('observe'), open('resume')],
    ['starting', 'idle', 'idle', 'starting'],
  ],
  [
    'nor any that of a child that took the place of another',
    [
      open('observe'),
      opened('starting', 'idle'),
      open('resume'),
      opened('starting', 'idle'),
      ended(true),
      opened('recovering', 'idle'),
      open('observe'),
    ],
    ['starting', 'idle', 'starting', 'idle', 'recovering', 'idle', 'idle'],
  ],
  [
    'a session is ended, and can be opened again',
    [...live, stop(), stopped, open('resume')],
    ['starting', 'idle', 'stopping', 'closed', 'starting'],
  ],
  ['it is handed over', [...live, stop('dormant'), stopped], ['starting', 'idle', 'stopping', 'dormant']],
  [
    'it is put away, and taken out again',
    [...live, stop('parked'), stopped, open('resume')],
    ['starting', 'idle', 'stopping', 'parked', 'starting'],
  ],
  [
    'a second stop does not begin anew',
    [...live, stop(), stop('parked'), stopped],
    ['starting', 'idle', 'stopping', 'stopping', 'closed'],
  ],
  [
    'what a stop cannot end has failed',
    [...live, stop(), failed('stopping')],
    ['starting', 'idle', 'stopping', 'failed'],
  ],
  ['a start can be stopped', [open('create'), stop(), stopped], ['starting', 'stopping', 'closed']],
] as const

it.each(LIVES)('[LIF1] %s', (_what, events, expected) => {
  expect(phases(...events)).toEqual(expected)
})

it('[LIF2] what Codex says of a session that has no open door changes nothing', () => {
  for (const event of [activity('working'), ended(true), ended(false)])
    expect(phases(event)).toEqual(['dormant'])
  expect(phases(...live, stop(), stopped, activity('working')).at(-1)).toBe('closed')
})
