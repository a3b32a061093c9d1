/** What a person sets for this browser, and how the hub is. */
import { useState } from 'react'
import type { Summary } from '../../protocol/summary.ts'
import { Dialog } from '../dialog.tsx'
import type { Permission } from '../inbox/notifications.ts'
import { logOut } from '../login.ts'
import { Account } from './account.tsx'
import { Agents } from './agents.tsx'
import { Health } from './health.tsx'
import { Homes } from './homes.tsx'
import type { Density, Theme } from './theme.ts'
import './settings.css'

export interface SettingsProps {
  readonly sessions: readonly Summary[]
  readonly theme: Theme
  readonly onTheme: (theme: Theme) => void
  readonly density: Density
  readonly onDensity: (density: Density) => void
  readonly notifications: Permission
  readonly onNotifications: (isOn: boolean) => void
  readonly onClose: () => void
}

const PARTS = ['This browser', 'Account', 'Codex homes', 'Agents', 'Hub'] as const

export function Settings(props: SettingsProps) {
  const [part, setPart] = useState<(typeof PARTS)[number]>('This browser')
  return (
    <Dialog title="Settings" onClose={props.onClose}>
      <div className="settings">
        <nav aria-label="Parts of the settings">
          {PARTS.map((name) => (
            <button key={name} type="button" aria-current={name === part} onClick={() => setPart(name)}>
              {name}
            </button>
          ))}
        </nav>
        <div className="part">
          {part === 'This browser' && <Browser {...props} />}
          {part === 'Account' && <Account />}
          {part === 'Codex homes' && <Homes />}
          {part === 'Agents' && <Agents />}
          {part === 'Hub' && <Health sessions={props.sessions} />}
        </div>
      </div>
    </Dialog>
  )
}

function Browser({ theme, onTheme, density, onDensity, notifications, onNotifications }: SettingsProps) {
  return (
    <>
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
        <legend>Density</legend>
        {(['comfortable', 'compact'] as const).map((name) => (
          <label key={name} className="choice">
            <input type="radio" name="density" checked={density === name} onChange={() => onDensity(name)} />
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
      <button type="button" onClick={() => void logOut()}>
        Log out of this browser
      </button>
    </>
  )
}
