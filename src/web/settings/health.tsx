/** How the hub is: versions, what waits where, how large things are, and each process with its memory. */

import { useEffect, useState } from 'react'
import { ago } from '../../base/ago.ts'
import type { ResultOf } from '../../protocol/methods.ts'
import type { Summary } from '../../protocol/summary.ts'
import { FactList } from '../fact-list.tsx'
import { count } from '../format.ts'
import { says, useHub } from '../hub.ts'
import { Problem } from '../problem.tsx'

/** While somebody looks, as often. */
const EVERY_MS = 3_000

export function Health({ sessions }: { sessions: readonly Summary[] }) {
  const hub = useHub()
  const [status, setStatus] = useState<ResultOf<'hub/status'> | null>(null)
  const [problem, setProblem] = useState<string | null>(null)
  useEffect(() => {
    const read = () =>
      hub.request('hub/status', {}).then(
        (result) => {
          setStatus(result)
          setProblem(null)
        },
        (error) => setProblem(says(error)),
      )
    void read()
    const timer = setInterval(read, EVERY_MS)
    return () => clearInterval(timer)
  }, [hub])
  if (status === null) return <p className={problem ? 'problem' : 'quiet'}>{problem ?? 'Reading…'}</p>
  const { store, search, codex } = status
  const bytes = (value: unknown) => `${count(Number(value ?? 0))}B`
  const facts = [
    ['Version', `${status.version}, up for ${ago(Date.now() - status.uptimeMs)}`],
    ['Codex', codex.problem ?? `${codex.version} (${codex.source})`],
    [
      'Sessions',
      Object.entries(status.sessions)
        .map(
          ([phase, number]) => `${number} ${phase === 'awaitingApproval' ? 'waiting for approval' : phase}`,
        )
        .join(', ') || 'none',
    ],
    ['Clients', `${status.clients}, ${bytes(status.unreadBytes)} not read yet`],
    [
      'Queues',
      `${status.queuedPrompts} prompts wait, ${count(Number(store.queuedChanges ?? 0))} changes to write`,
    ],
    ['Search', search.isComplete ? 'all is read' : `${search.textsWaiting} texts wait`],
    ['Database', `${bytes(store.databaseBytes)}, journal ${bytes(store.walBytes)}`],
    ['Log', bytes(status.logBytes)],
    ['Memory', `${bytes(status.memory.rssBytes)} of the hub itself`],
  ] as const
  const titles = new Map(sessions.map(({ id, title }) => [id, title]))
  return (
    <>
      <Problem says={problem} />
      <FactList facts={facts} />
      {status.processes.length > 0 && (
        <table className="processes">
          <caption>Processes</caption>
          <thead>
            <tr>
              <th>Pid</th>
              <th>For</th>
              <th>Runs</th>
              <th>Memory</th>
            </tr>
          </thead>
          <tbody>
            {status.processes.map(({ id, pid, sessionId, isShared, startedAt, memoryBytes }) => (
              <tr key={id}>
                <td>{pid}</td>
                <td>{sessionId === null ? whoseOf(isShared) : (titles.get(sessionId) ?? sessionId)}</td>
                <td>{ago(startedAt)}</td>
                <td>{memoryBytes === null ? '' : bytes(memoryBytes)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </>
  )
}

const whoseOf = (isShared: boolean): string => (isShared ? 'sessions that share it' : 'no session')
