/** Facts and controls of a session: what it runs on, what it used, and what can be done with it. */
import { useState } from 'react'
import type { CommandName } from '../../protocol/methods.ts'
import type { SessionState } from '../../protocol/session-state.ts'
import { ago, count } from '../format.ts'
import { says, useHub } from '../hub.ts'
import { DiffView } from './diff-view.tsx'

const CONTROLS = [
  ['session/resume', 'Resume'],
  ['session/takeOver', 'Take over'],
  ['session/join', 'Join'],
  ['session/compact', 'Compact'],
  ['session/archive', 'Archive'],
  ['session/unarchive', 'Unarchive'],
  ['session/end', 'End'],
] as const satisfies readonly (readonly [CommandName, string])[]

interface Props {
  readonly state: SessionState
  readonly onSelect: (id: string) => void
}

export function Facts({ state, onSelect }: Props) {
  const hub = useHub()
  const { summary, diff, plan } = state
  const [said, setSaid] = useState<string | null>(null)
  const run = (work: Promise<unknown>, done: (result: unknown) => string | null = () => null) =>
    work.then(
      (result) => setSaid(done(result)),
      (error) => setSaid(says(error)),
    )
  const sessionId = summary.id
  const { tokens, settings, git } = summary
  const used = tokens?.contextWindow
    ? Math.min(100, Math.round((tokens.last.totalTokens / tokens.contextWindow) * 100))
    : null
  return (
    <aside className="facts-panel" aria-label="Session details">
      <div className="controls">
        {CONTROLS.filter(([method]) => summary.capabilities.includes(method)).map(([method, label]) => (
          <button key={method} type="button" onClick={() => run(hub.command(method, { sessionId }))}>
            {label}
          </button>
        ))}
        {summary.capabilities.includes('session/fork') && (
          <button
            type="button"
            title="A new session with the past of this one"
            onClick={() =>
              run(hub.command('session/fork', { sessionId }), (result) => {
                onSelect((result as { session: { id: string } }).session.id)
                return null
              })
            }
          >
            Fork
          </button>
        )}
        {summary.capabilities.includes('session/release') && (
          <button
            type="button"
            title="End the hub's process and go on in a terminal"
            onClick={() =>
              run(hub.command('session/release', { sessionId }), (result) => {
                const { command, cwd } = result as { command: string[]; cwd: string }
                return `In a terminal: cd ${cwd} && ${command.join(' ')}`
              })
            }
          >
            Release
          </button>
        )}
        <button
          type="button"
          onClick={() => {
            const name = prompt('Name of the session', summary.title)
            if (name) run(hub.command('session/rename', { sessionId, name }))
          }}
        >
          Rename
        </button>
      </div>
      {said !== null && <p role="status">{said}</p>}
      {plan && (
        <section>
          <h3>Plan</h3>
          <ol className="steps">
            {plan.steps.map(({ step, status }) => (
              <li key={step} className={status}>
                {step}
              </li>
            ))}
          </ol>
        </section>
      )}
      {diff && diff.files.length > 0 && (
        <section>
          <h3>
            Changes <small>{diff.files.length} files</small>
          </h3>
          <DiffView unified={diff.unified} />
        </section>
      )}
      <section>
        <h3>Session</h3>
        <dl className="facts">
          <dt>Folder</dt>
          <dd>{summary.cwd}</dd>
          {git?.branch && (
            <>
              <dt>Branch</dt>
              <dd>{git.branch}</dd>
            </>
          )}
          <dt>Model</dt>
          <dd>
            {settings.model ?? 'as configured'} {settings.effort ?? ''}
          </dd>
          <dt>Policy</dt>
          <dd>
            {typeof settings.approvalPolicy === 'string' ? settings.approvalPolicy : 'granular'} ·{' '}
            {settings.sandbox ?? ''}
          </dd>
          {tokens && (
            <>
              <dt>Tokens</dt>
              <dd>
                {count(tokens.total.totalTokens)} in all{used !== null && `, context ${used} % full`}
              </dd>
            </>
          )}
          <dt>Codex</dt>
          <dd>
            {summary.codexVersion ?? 'unknown'}, {summary.door}
          </dd>
          <dt>Evidence</dt>
          <dd>{summary.evidenceAt === null ? 'none yet' : `${ago(summary.evidenceAt)} ago`}</dd>
          <dt>Id</dt>
          <dd>
            <code>{summary.id}</code>
          </dd>
        </dl>
      </section>
      {state.warnings.map(({ message }) => (
        <p key={message} className="quiet">
          {message}
        </p>
      ))}
    </aside>
  )
}
