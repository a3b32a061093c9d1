/** Commands that go on in the background after the model stopped to wait for them: their output, and an end for each. */
import { useEffect, useState } from 'react'
import type { SessionState } from '../../../protocol/session-state.ts'
import type { BackgroundTerminal } from '../../../protocol/terminal.ts'
import { says, useHub } from '../../hub.ts'
import { Problem } from '../../problem.tsx'

/** While somebody looks, as often. */
const EVERY_MS = 2_000

/** How many commands run while the model does something else. */
export function backgroundCount({ items, turns }: SessionState): number {
  const running = new Set(turns.flatMap(({ id, status }) => (status === 'inProgress' ? [id] : [])))
  return items.filter(
    ({ type, status, turnId }, index) =>
      type === 'commandExecution' &&
      status === 'inProgress' &&
      (!running.has(turnId) || items.slice(index + 1).some((later) => later.type === 'agentMessage')),
  ).length
}

export function Terminals({ sessionId }: { sessionId: string }) {
  const hub = useHub()
  const [terminals, setTerminals] = useState<readonly BackgroundTerminal[] | null>(null)
  const [problem, setProblem] = useState<string | null>(null)
  const [ending, setEnding] = useState<string | null>(null)
  const [looks, setLooks] = useState(0)
  // biome-ignore lint/correctness/useExhaustiveDependencies: each look is one more
  useEffect(() => {
    const read = () =>
      hub.request('terminal/list', { sessionId }).then(
        (result) => {
          setTerminals(result.terminals)
          setProblem(null)
        },
        (error) => setProblem(says(error)),
      )
    void read()
    const timer = setInterval(read, EVERY_MS)
    return () => clearInterval(timer)
  }, [hub, sessionId, looks])
  const end = (processId: string) => {
    setEnding(processId)
    hub
      .command('terminal/terminate', { sessionId, processId })
      .catch((error: unknown) => setProblem(says(error)))
      .finally(() => {
        setEnding(null)
        setLooks((known) => known + 1)
      })
  }
  return (
    <>
      <Problem says={problem} />
      {terminals === null && problem === null && <p className="quiet">Reading…</p>}
      {terminals?.length === 0 && <p className="quiet">Nothing runs in the background.</p>}
      {terminals?.map(({ processId, command, cwd, output }) => (
        <section key={processId} className="terminal" aria-label={command}>
          <header>
            <code title={`${command}\nin ${cwd}`}>{command}</code>
            <button type="button" className="deny" disabled={ending !== null} onClick={() => end(processId)}>
              {ending === processId ? 'Ending…' : 'End it'}
            </button>
          </header>
          {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolled region must be reachable by keyboard */}
          <pre className="output" tabIndex={0}>
            {output === '' ? 'No output yet.' : output}
          </pre>
        </section>
      ))}
    </>
  )
}
