/** Codex homes: whose sessions are adopted, and how that goes. */
import { useEffect, useState } from 'react'
import type { Home } from '../../protocol/home.ts'
import { says, useHub } from '../hub.ts'

export function Homes() {
  const hub = useHub()
  const [homes, setHomes] = useState<readonly Home[] | null>(null)
  const [problem, setProblem] = useState<string | null>(null)
  useEffect(() => {
    hub.request('home/list', {}).then(
      (result) => setHomes(result.homes),
      (error) => setProblem(says(error)),
    )
  }, [hub])
  if (homes === null) return <p className={problem ? 'problem' : 'quiet'}>{problem ?? 'Reading…'}</p>
  return (
    <>
      {homes.map((home) => (
        <div key={home.codexHome} className="fact">
          <code>{home.codexHome}</code>
          <p>
            {home.adopt
              ? `${home.threads} sessions found, ${home.observed} read as they grow${home.waiting > 0 ? `, ${home.waiting} still to be looked at` : ''}`
              : 'Adoption is off.'}
          </p>
          {home.daemon && (
            <p className="quiet">
              {home.daemon.sentence}
              {home.daemon.codexVersion !== null && ` Codex ${home.daemon.codexVersion}.`}
            </p>
          )}
          {home.problems.map((each) => (
            <p key={each} className="problem">
              {each}
            </p>
          ))}
        </div>
      ))}
      <p className="quiet">
        Which homes are watched is set by <code>homes</code> in the hub’s <code>config.json</code>.
      </p>
    </>
  )
}
