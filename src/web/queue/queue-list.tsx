/** Prompts that wait: why they do, in which order they go, and what a person can do with each. */
import { useState } from 'react'
import type { Queue, QueueEntry } from '../../protocol/queue.ts'
import type { Summary } from '../../protocol/summary.ts'
import { count } from '../format.ts'
import { says, useHub } from '../hub.ts'
import { Icon } from '../icons.tsx'
import { Problem } from '../problem.tsx'
import { EntryEditor } from './entry-editor.tsx'

interface Props {
  readonly summary: Summary
  readonly queue: Queue
}

export function QueueList({ summary, queue }: Props) {
  const hub = useHub()
  const [problem, setProblem] = useState<string | null>(null)
  const [editing, setEditing] = useState<string | null>(null)
  const sessionId = summary.id
  const { entries, hold } = queue
  const canSteer = summary.capabilities.includes('queue/steer')
  const run = (work: Promise<unknown>) => {
    setProblem(null)
    work.catch((error) => setProblem(says(error)))
  }
  return (
    <div className="queue">
      {hold ? (
        <div className="hold" role="status">
          <p>{hold.message}</p>
          <button type="button" onClick={() => run(hub.command('queue/resume', { sessionId }))}>
            Resume
          </button>
        </div>
      ) : (
        entries.length > 0 && (
          <div className="hold calm">
            <p>
              {entries.every(({ notBefore }) => notBefore !== null)
                ? 'Each waits for its time.'
                : 'The next goes when the running turn has ended.'}
            </p>
            <button type="button" onClick={() => run(hub.command('queue/pause', { sessionId }))}>
              Pause
            </button>
          </div>
        )
      )}
      <Problem says={problem} />
      {entries.length === 0 && <p className="quiet">Nothing waits.</p>}
      <ol>
        {entries.map((entry, index) => (
          <li key={entry.id} className={entry.state}>
            {editing === entry.id ? (
              <EntryEditor sessionId={sessionId} entry={entry} onDone={() => setEditing(null)} />
            ) : (
              <>
                <p className="text">{entry.text || 'Pictures'}</p>
                <p className="quiet">{factsOf(entry)}</p>
                {entry.problem !== null && <p className="problem">{entry.problem}</p>}
                <div className="buttons">
                  {entry.state === 'indeterminate' && (
                    <button
                      type="button"
                      onClick={() => run(hub.command('queue/retry', { sessionId, entryId: entry.id }))}
                    >
                      Send again
                    </button>
                  )}
                  {canSteer && entry.state === 'waiting' && (
                    <button
                      type="button"
                      title="Into the turn that runs"
                      onClick={() => run(hub.command('queue/steer', { sessionId, entryId: entry.id }))}
                    >
                      Steer now
                    </button>
                  )}
                  {entry.state === 'waiting' && (
                    <button type="button" onClick={() => setEditing(entry.id)}>
                      Edit
                    </button>
                  )}
                  {index > 0 && entry.state === 'waiting' && (
                    <button
                      type="button"
                      aria-label="Earlier"
                      title="Earlier"
                      onClick={() =>
                        run(
                          hub.command('queue/move', {
                            sessionId,
                            entryId: entry.id,
                            before: entries[index - 1]?.id ?? null,
                          }),
                        )
                      }
                    >
                      <Icon name="up" />
                    </button>
                  )}
                  {entry.state !== 'sending' && (
                    <button
                      type="button"
                      onClick={() => run(hub.command('queue/remove', { sessionId, entryId: entry.id }))}
                    >
                      Remove
                    </button>
                  )}
                </div>
              </>
            )}
          </li>
        ))}
      </ol>
    </div>
  )
}

const STATES: Record<QueueEntry['state'], string | null> = {
  waiting: null,
  sending: 'on its way',
  indeterminate: 'nobody knows whether it was sent',
}

function factsOf({ state, attachments, settings, notBefore, by, bytes }: QueueEntry): string {
  const chosen = [settings.model, settings.effort, settings.sandbox, settings.approvalPolicy]
  return [
    STATES[state],
    notBefore === null ? null : `not before ${new Date(notBefore).toLocaleString()}`,
    attachments > 0 ? `${attachments} attached, ${count(bytes)}B` : null,
    ...chosen.map((value) => (typeof value === 'string' ? value : null)),
    `by ${by.name}`,
  ]
    .filter((fact) => fact !== null)
    .join(' · ')
}
