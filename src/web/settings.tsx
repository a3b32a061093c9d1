/** What a person sets for this browser, and how the hub is. */
import { useEffect, useState } from 'react'
import type { Home } from '../protocol/home.ts'
import type { ResultOf } from '../protocol/methods.ts'
import { Dialog } from './dialog.tsx'
import { ago, count } from './format.ts'
import { says, useHub } from './hub.ts'
import { logOut } from './login.ts'
import type { Permission } from './notifications.ts'
import type { Theme } from './theme.ts'

interface Props {
  readonly theme: Theme
  readonly onTheme: (theme: Theme) => void
  readonly notifications: Permission
  readonly onNotifications: (isOn: boolean) => void
  readonly onClose: () => void
}

export function Settings({ theme, onTheme, notifications, onNotifications, onClose }: Props) {
  const hub = useHub()
  const [status, setStatus] = useState<ResultOf<'hub/status'> | null>(null)
  const [homes, setHomes] = useState<readonly Home[]>([])
  const [problem, setProblem] = useState<string | null>(null)
  useEffect(() => {
    hub.request('hub/status', {}).then(setStatus, (error) => setProblem(says(error)))
    hub.request('home/list', {}).then(
      (result) => setHomes(result.homes),
      (error) => setProblem(says(error)),
    )
  }, [hub])
  return (
    <Dialog title="Settings" onClose={onClose}>
      <fieldset>
        <legend>Theme</legend>
        {(['system', 'light', 'dark'] as const).map((name) => (
          <label key={name} className="choice">
            <input type="radio" name="theme" checked={theme === name} onChange={() => onTheme(name)} />
            {name}
          </label>
        ))}
      </fieldset>
      <fieldset>
        <legend>Notifications</legend>
        <label className="choice">
          <input
            type="checkbox"
            checked={notifications === 'on'}
            disabled={notifications === 'denied' || notifications === 'unsupported'}
            onChange={(event) => onNotifications(event.target.checked)}
          />
          Tell me when a session waits, fails or is done and I look elsewhere
        </label>
        {notifications === 'denied' && (
          <p className="quiet">
            This browser was told not to; change it in the browser’s settings of this page.
          </p>
        )}
        {notifications === 'unsupported' && <p className="quiet">This browser cannot.</p>}
      </fieldset>
      <h3>Codex homes</h3>
      {homes.map((home) => (
        <div key={home.codexHome} className="fact">
          <code>{home.codexHome}</code>
          <p>
            {home.adopt
              ? `${home.threads} sessions found${home.waiting > 0 ? `, ${home.waiting} still to be looked at` : ''}`
              : 'adoption is off'}
            {home.daemon && `. ${home.daemon.sentence}`}
          </p>
          {home.problems.map((each) => (
            <p key={each} className="problem">
              {each}
            </p>
          ))}
        </div>
      ))}
      <h3>Hub</h3>
      {problem !== null && <p className="problem">{problem}</p>}
      {status && (
        <dl className="facts">
          {(
            [
              ['Version', `${status.version}, up for ${ago(Date.now() - status.uptimeMs)}`],
              ['Codex', status.codex.problem ?? `${status.codex.version} (${status.codex.source})`],
              ['Clients', status.clients],
              ['Processes', status.processes.length],
              ['Memory', `${count(status.memory.rssBytes)}B`],
              ['Database', `${count(Number(status.store.databaseBytes ?? 0))}B`],
            ] as const
          ).map(([name, value]) => (
            <div key={name}>
              <dt>{name}</dt>
              <dd>{value}</dd>
            </div>
          ))}
        </dl>
      )}
      <button type="button" onClick={() => void logOut()}>
        Log out of this browser
      </button>
    </Dialog>
  )
}
