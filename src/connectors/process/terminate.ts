/**
 * The stop ladder: what is tried, in which order and for how long, as values, and the one function that walks it. It
 * ends a child of this hub as well as the bare pid of an earlier one, and never throws. Never signals a process whose
 * identity it has not just proven.
 */
import type { Writable } from 'node:stream'
import type { Clock } from '../../base/clock.ts'
import { type Identity, isSameProcess } from '../../base/process-identity.ts'
import { killGroup, signalProcess } from './signal.ts'

type Action =
  | { readonly kind: 'interrupt'; run(): Promise<unknown> }
  | { readonly kind: 'endInput'; readonly stdin: Writable }
  | { readonly kind: 'signal'; readonly signal: NodeJS.Signals }
  | { readonly kind: 'killGroup' }

export interface Rung {
  readonly name: 'interrupt' | 'stdin EOF' | 'SIGTERM' | 'second SIGTERM' | 'SIGKILL'
  readonly action: Action
  /** How long the process has to end before the next rung; for an interrupt, how long it has to be answered. */
  readonly waitMs: number
}

/** Who is to end. `exited` spares the looking: without it the pid is asked now and again. */
export interface Target extends Identity {
  readonly exited?: Promise<unknown>
}

export type Ending =
  /** Nothing of ours ran under the pid any more. */
  | { readonly kind: 'alreadyGone' }
  | { readonly kind: 'ended'; readonly by: Rung['name'] }
  /** It outlived SIGKILL: the kernel holds it, or it is another user's by now. */
  | { readonly kind: 'survived' }

const LAST_WAIT_MS = 5000
const FIRST_LOOK_MS = 20
const LONGEST_LOOK_MS = 500
const LONGEST_TIMER_MS = 2 ** 31 - 1

const SIGTERM: Action = { kind: 'signal', signal: 'SIGTERM' }

/** SIGKILL of the group and nothing before it. */
export const KILL_LADDER: readonly Rung[] = [
  { name: 'SIGKILL', action: { kind: 'killGroup' }, waitMs: LAST_WAIT_MS },
]

/** A child on a socket finishes its running turn on the first SIGTERM and gives it up on the second (Codex 0.142 on). */
export function socketLadder({ finishTurnMs = 30_000, abandonTurnMs = 5000 } = {}): readonly Rung[] {
  return [
    { name: 'SIGTERM', action: SIGTERM, waitMs: finishTurnMs },
    { name: 'second SIGTERM', action: SIGTERM, waitMs: abandonTurnMs },
    ...KILL_LADDER,
  ]
}

export interface StdioLadderOptions {
  readonly stdin: Writable
  /** Ends the running turn; left out where none runs. */
  readonly interrupt?: () => Promise<unknown>
  readonly interruptMs?: number
  readonly endInputMs?: number
  readonly terminateMs?: number
}

export function stdioLadder(options: StdioLadderOptions): readonly Rung[] {
  const { stdin, interrupt, interruptMs = 3000, endInputMs = 2000, terminateMs = 3000 } = options
  const first: Rung[] = interrupt
    ? [{ name: 'interrupt', action: { kind: 'interrupt', run: interrupt }, waitMs: interruptMs }]
    : []
  return [
    ...first,
    { name: 'stdin EOF', action: { kind: 'endInput', stdin }, waitMs: endInputMs },
    { name: 'SIGTERM', action: SIGTERM, waitMs: terminateMs },
    ...KILL_LADDER,
  ]
}

/** Walk down the ladder until the process is gone, then kill what is left of its group. */
export async function terminate(target: Target, ladder: readonly Rung[], clock: Clock): Promise<Ending> {
  // Neither a clock's timers nor a child let loose keep a process alive, and a hub on its way out must see this end.
  const staysAlive = setInterval(() => {}, LONGEST_TIMER_MS)
  try {
    const ending = await walk(target, ladder, clock)
    await killGroup(target)
    return ending
  } finally {
    clearInterval(staysAlive)
  }
}

async function walk(target: Target, ladder: readonly Rung[], clock: Clock): Promise<Ending> {
  if (!(await isSameProcess(target.pid, target.startToken))) return { kind: 'alreadyGone' }
  for (const rung of ladder) {
    const done = perform(rung.action, target)
    // An interrupt ends a turn and not the process: the next rung need not wait once it is answered.
    const isGone = await waitForEnd(
      target,
      rung.waitMs,
      clock,
      rung.action.kind === 'interrupt' ? done : null,
    )
    if (isGone) return { kind: 'ended', by: rung.name }
  }
  return { kind: 'survived' }
}

async function perform(action: Action, target: Target): Promise<void> {
  switch (action.kind) {
    case 'interrupt':
      try {
        await action.run()
      } catch {
        // Refused or cut off: either way the next rung follows.
      }
      break
    case 'endInput':
      action.stdin.end()
      break
    case 'signal':
      await signalProcess(target, action.signal)
      break
    case 'killGroup':
      await killGroup(target)
      break
  }
}

/** @returns whether the process ended before `ms` ran out and before `enough` resolved. */
async function waitForEnd(
  target: Target,
  ms: number,
  clock: Clock,
  enough: Promise<void> | null,
): Promise<boolean> {
  let isOver = false
  const limit = Promise.withResolvers<'over'>()
  const timer = clock.after(ms, () => limit.resolve('over'))
  void enough?.then(() => limit.resolve('over'))
  void limit.promise.then(() => {
    isOver = true
  })
  const gone = target.exited ? target.exited.then(() => 'gone' as const) : lookUntilGone()
  const first = await Promise.race([gone, limit.promise])
  timer.cancel()
  limit.resolve('over')
  return first === 'gone'

  async function lookUntilGone(): Promise<'gone' | 'over'> {
    for (let pauseMs = FIRST_LOOK_MS; !isOver; pauseMs = Math.min(pauseMs * 2, LONGEST_LOOK_MS)) {
      if (!(await isSameProcess(target.pid, target.startToken))) return 'gone'
      await new Promise<void>((resolve) => clock.after(pauseMs, resolve))
    }
    return 'over'
  }
}
