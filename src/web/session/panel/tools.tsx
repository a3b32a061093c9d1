/** What Codex may use in a session: MCP servers with how they are, and skills. Asked when somebody looks. */
import { useCallback, useEffect, useState } from 'react'
import type { Skill } from '../../../protocol/catalog.ts'
import type { McpServer, McpState } from '../../../protocol/mcp-server.ts'
import { says, useHub } from '../../hub.ts'
import { Problem } from '../../problem.tsx'

/** MCP servers are started to be asked; that takes its time. */
const PATIENCE_MS = 60_000

export function Tools({ sessionId }: { sessionId: string }) {
  const hub = useHub()
  const [servers, setServers] = useState<readonly McpServer[] | null>(null)
  const [skills, setSkills] = useState<readonly Skill[] | null>(null)
  const [problem, setProblem] = useState<string | null>(null)
  const read = useCallback(
    (reload: boolean) => {
      hub.request('mcpServer/list', { sessionId }, { timeoutMs: PATIENCE_MS }).then(
        (result) => setServers(result.servers),
        (error) => setProblem(says(error)),
      )
      hub.request('skill/list', { sessionId, reload }).then(
        ({ folders }) => setSkills(folders.flatMap((folder) => folder.skills)),
        () => setSkills([]),
      )
    },
    [hub, sessionId],
  )
  useEffect(() => read(false), [read])
  const reload = () => {
    setServers(null)
    setProblem(null)
    hub.command('mcpServer/reload', { sessionId }).then(
      () => read(true),
      (error) => {
        setServers([])
        setProblem(says(error))
      },
    )
  }
  return (
    <>
      <section>
        <h2>MCP servers</h2>
        <Problem says={problem} />
        {servers === null && problem === null && <p className="quiet">Asking them…</p>}
        {servers?.length === 0 && <p className="quiet">None is configured.</p>}
        {servers?.map((server) => (
          <Server key={server.name} server={server} />
        ))}
        <div className="controls">
          <button type="button" disabled={servers === null && problem === null} onClick={reload}>
            Read their configuration again
          </button>
        </div>
      </section>
      <section>
        <h2>Skills</h2>
        {skills === null && <p className="quiet">Reading…</p>}
        {skills?.length === 0 && <p className="quiet">There are none.</p>}
        <dl className="skills">
          {skills?.map(({ name, path, description, enabled, scope }) => (
            <div key={path}>
              <dt title={path}>
                ${name}{' '}
                <small className="quiet">
                  {scope}
                  {!enabled && ', off'}
                </small>
              </dt>
              <dd className="quiet" title={description}>
                {description}
              </dd>
            </div>
          ))}
        </dl>
      </section>
    </>
  )
}

const TONES: Partial<Record<McpState, string>> = {
  ready: 'finished',
  starting: 'working',
  failed: 'failed',
  needsLogin: 'waiting',
}

function Server({ server: { name, state, error, tools, version, origin } }: { server: McpServer }) {
  return (
    <details className="server">
      <summary>
        <span className={`state ${TONES[state] ?? ''}`} aria-hidden="true" />
        <b>{name}</b>
        <span className="quiet">
          {state === 'needsLogin' ? 'needs a login' : state}, {tools.length} tools
        </span>
      </summary>
      {error !== null && <p className="problem">{error}</p>}
      {(version !== null || origin !== null) && (
        <p className="quiet">{[version, origin].filter((word) => word !== null).join(' · ')}</p>
      )}
      <dl>
        {tools.map((tool) => (
          <div key={tool.name}>
            <dt>
              <code>{tool.title ?? tool.name}</code>
            </dt>
            <dd className="quiet">{tool.description}</dd>
          </div>
        ))}
      </dl>
    </details>
  )
}
