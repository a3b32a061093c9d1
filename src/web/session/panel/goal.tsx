/** What a session works towards by itself, turn after turn: set, paused, gone on with and forgotten. */
import { type FormEvent, useEffect, useRef, useState } from 'react'
import { flushSync } from 'react-dom'
import type { Goal } from '../../../protocol/goal.ts'
import type { ParamsOf } from '../../../protocol/methods.ts'
import type { SessionState } from '../../../protocol/session-state.ts'
import { count } from '../../format.ts'
import { says, useHub } from '../../hub.ts'
import { Meter } from './meter.tsx'

type Change = Pick<ParamsOf<'goal/set'>, 'objective' | 'status' | 'tokenBudget'>

const STATUS: Record<string, string> = {
  active: 'Codex works on it',
  paused: 'paused',
  blocked: 'Codex cannot go on by itself',
  usageLimited: 'waits for the account’s limit',
  budgetLimited: 'its budget is used up',
  complete: 'reached',
}

/** Who only passes by asks nothing. */
const DWELL_MS = 300

/** Where nothing runs Codex is asked: the stream tells of a goal only while a process is there. */
function useGoal({ goal, summary: { id: sessionId, phase, threadId, imported } }: SessionState): Goal | null {
  const hub = useHub()
  const [resting, setResting] = useState<Goal | null>(null)
  const isResting = (phase === 'dormant' || phase === 'parked' || phase === 'closed') && imported === null
  useEffect(() => {
    setResting(null)
    if (!isResting || threadId === null) return
    let isGone = false
    const timer = setTimeout(() => {
      hub.request('goal/get', { sessionId }).then(
        (result) => !isGone && setResting(result.goal),
        // Releases without goals have none.
        () => {},
      )
    }, DWELL_MS)
    return () => {
      isGone = true
      clearTimeout(timer)
    }
  }, [hub, sessionId, isResting, threadId])
  return goal ?? (isResting ? resting : null)
}

export function GoalSection({ state }: { state: SessionState }) {
  const { summary } = state
  const hub = useHub()
  const goal = useGoal(state)
  const [isSetting, setSetting] = useState(false)
  const opener = useRef<HTMLButtonElement>(null)
  const [isBusy, setBusy] = useState(false)
  const [problem, setProblem] = useState<string | null>(null)
  const { id: sessionId } = summary
  const canSet = summary.capabilities.includes('goal/set')
  if (!goal && !canSet) return null
  const back = () => {
    // What opened the form stands there again, and has the focus as before.
    flushSync(() => setSetting(false))
    opener.current?.focus()
  }
  const run = async (work: Promise<unknown>, done = () => {}): Promise<void> => {
    setBusy(true)
    setProblem(null)
    await work.then(done, (error: unknown) => setProblem(says(error)))
    setBusy(false)
  }
  const set = (change: Change, done?: () => void) =>
    run(hub.command('goal/set', { sessionId, ...change }), done)
  return (
    <section className="goal">
      <h2>Goal</h2>
      {goal && !isSetting && <Current goal={goal} />}
      {isSetting && (
        <GoalForm goal={goal} isBusy={isBusy} onSet={(change) => void set(change, back)} onBack={back} />
      )}
      {!isSetting && canSet && (
        <div className="controls">
          {goal?.status === 'active' && (
            <button type="button" disabled={isBusy} onClick={() => void set({ status: 'paused' })}>
              Pause
            </button>
          )}
          {goal && goal.status !== 'active' && (
            <button type="button" disabled={isBusy} onClick={() => void set({ status: 'active' })}>
              Go on
            </button>
          )}
          <button ref={opener} type="button" disabled={isBusy} onClick={() => setSetting(true)}>
            {goal ? 'Change' : 'Set a goal'}
          </button>
          {goal && (
            <button
              type="button"
              disabled={isBusy}
              onClick={() => void run(hub.command('goal/clear', { sessionId }))}
            >
              Forget
            </button>
          )}
        </div>
      )}
      {problem !== null && (
        <p className="problem said" role="alert">
          {problem}
        </p>
      )}
    </section>
  )
}

function Current({ goal: { objective, status, tokenBudget, tokensUsed, timeUsedMs } }: { goal: Goal }) {
  const minutes = Math.round(timeUsedMs / 60_000)
  return (
    <>
      <p className="objective">{objective}</p>
      <p className="quiet">
        {STATUS[status] ?? status}
        {tokenBudget === null && tokensUsed > 0 && `, ${count(tokensUsed)} tokens so far`}
        {minutes > 0 && `, ${minutes} min`}
      </p>
      {tokenBudget !== null && (
        <Meter
          label="Budget"
          percent={(tokensUsed / tokenBudget) * 100}
          says={`${count(tokensUsed)} of ${count(tokenBudget)} tokens`}
        />
      )}
    </>
  )
}

interface FormProps {
  readonly goal: Goal | null
  readonly isBusy: boolean
  readonly onSet: (change: Change) => void
  readonly onBack: () => void
}

function GoalForm({ goal, isBusy, onSet, onBack }: FormProps) {
  const [objective, setObjective] = useState(goal?.objective ?? '')
  const [budget, setBudget] = useState(goal?.tokenBudget ? String(goal.tokenBudget) : '')
  const submit = (event: FormEvent) => {
    event.preventDefault()
    onSet({
      objective: objective.trim(),
      ...(!goal && { status: 'active' }),
      ...(Number(budget) > 0 && { tokenBudget: Math.round(Number(budget)) }),
    })
  }
  return (
    <form onSubmit={submit}>
      <label>
        What shall be reached
        <textarea
          // biome-ignore lint/a11y/noAutofocus: it appears where the person has just asked for it
          autoFocus
          rows={3}
          value={objective}
          placeholder="All tests pass on Windows, too"
          onChange={(event) => setObjective(event.target.value)}
        />
      </label>
      <label>
        Tokens at most
        <input
          type="number"
          min={1}
          value={budget}
          placeholder="no limit"
          onChange={(event) => setBudget(event.target.value)}
        />
      </label>
      {!goal && <p className="quiet">Codex begins turns by itself until it is reached.</p>}
      <div className="controls">
        <button type="submit" className="primary" disabled={isBusy || objective.trim() === ''}>
          {goal ? 'Save' : 'Begin'}
        </button>
        <button type="button" disabled={isBusy} onClick={onBack}>
          Cancel
        </button>
      </div>
    </form>
  )
}
