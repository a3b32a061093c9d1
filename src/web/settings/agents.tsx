/** Agents that use the hub over MCP: who there is, what each may do, what they did last, and the switch that ends it. */
import { useEffect, useState } from 'react'
import type { Agent, AuditRow, Grant } from '../../protocol/agent.ts'
import { says, useHub } from '../hub.ts'
import { Problem } from '../problem.tsx'

interface Known {
  readonly agents: readonly Agent[]
  readonly closedAt: number | null
  /** Null where this browser may not see it. */
  readonly calls: readonly AuditRow[] | null
}

const CALLS = 12

export function Agents() {
  const hub = useHub()
  const [known, setKnown] = useState<Known | null>(null)
  const [problem, setProblem] = useState<string | null>(null)
  const [looks, setLooks] = useState(0)
  // biome-ignore lint/correctness/useExhaustiveDependencies: each look is one more
  useEffect(() => {
    Promise.all([
      hub.request('agent/list', {}),
      hub.request('audit/list', { limit: CALLS }).then(
        ({ rows }) => rows,
        () => null,
      ),
    ]).then(
      ([list, calls]) => setKnown({ ...list, calls }),
      (error) => setProblem(says(error)),
    )
  }, [hub, looks])
  const lock = (isLocked: boolean, name?: string): void => {
    setProblem(null)
    hub
      .command(isLocked ? 'agent/restore' : 'agent/revoke', { name })
      .catch((error: unknown) => setProblem(says(error)))
      .finally(() => setLooks((count) => count + 1))
  }
  if (known === null) return <p className={problem ? 'problem' : 'quiet'}>{problem ?? 'Reading…'}</p>
  const { agents, closedAt, calls } = known
  return (
    <>
      <Problem says={problem} />
      <p>{closedAt === null ? 'Agents may come in over MCP.' : 'All agents are locked out.'}</p>
      <button type="button" onClick={() => lock(closedAt !== null)}>
        {closedAt === null ? 'Lock all agents out' : 'Let agents in again'}
      </button>
      {agents.length === 0 && <p className="quiet">No agent has come yet.</p>}
      {agents.map((agent) => (
        <div key={agent.name} className="fact agent">
          <strong>{agent.name}</strong>
          <p className="quiet">
            {agent.revokedAt === null
              ? `Reads everything, operates what it made${agent.grants.map(grantText).join('')}.`
              : 'Locked out.'}
          </p>
          <button type="button" onClick={() => lock(agent.revokedAt !== null, agent.name)}>
            {agent.revokedAt === null ? `Lock ${agent.name} out` : `Let ${agent.name} in again`}
          </button>
        </div>
      ))}
      {calls !== null && calls.length > 0 && (
        <table className="calls">
          <caption>Newest calls</caption>
          <tbody>
            {calls.map(({ id, at, agent, tool, outcome, error }) => (
              <tr key={id}>
                <td>{new Date(at).toLocaleTimeString()}</td>
                <td>{agent}</td>
                <td>{tool}</td>
                <td>{error === null ? outcome : `${outcome}: ${error}`}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      <p className="quiet">
        More is granted with <code>codex-hub mcp allow</code>; <code>codex-hub audit</code> has every call.
      </p>
    </>
  )
}

function grantText({ scope, project, sessionId }: Grant): string {
  const what = { operate: 'operates', approve: 'approves', unsandboxed: 'makes sessions with full access' }[
    scope
  ]
  return `; ${what}: ${project ?? sessionId ?? 'everywhere'}`
}
