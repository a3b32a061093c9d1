/** What a session or its next turn runs with: model, effort, sandbox, approvals, mode. What is not chosen stays as it is. */
import { useEffect, useState } from 'react'
import type { Model } from '../protocol/model.ts'
import type { Settings, SettingsRequest } from '../protocol/settings.ts'
import { useHub } from './hub.ts'

const SANDBOXES = ['read-only', 'workspace-write', 'danger-full-access'] as const
const POLICIES = ['untrusted', 'on-request', 'never'] as const

interface Props {
  readonly value: SettingsRequest
  readonly onChange: (value: SettingsRequest) => void
  /** What holds now; a new session has nothing yet. */
  readonly now?: Settings
}

export function SettingsChoices({ value, onChange, now }: Props) {
  const hub = useHub()
  const [models, setModels] = useState<readonly Model[]>([])
  const [modes, setModes] = useState<readonly string[]>([])
  useEffect(() => {
    // Without a list of models Codex's own choice holds.
    hub.request('model/list', {}).then(
      (result) => setModels(result.models),
      () => {},
    )
    // Releases without modes have nothing to choose.
    hub.request('collaborationMode/list', {}).then(
      (result) => setModes(result.modes.map(({ mode }) => mode)),
      () => {},
    )
  }, [hub])
  const model = value.model ?? now?.model
  const efforts = models.find(({ id, isDefault }) => (model ? id === model : isDefault))?.efforts ?? []
  const set = (name: keyof SettingsRequest) => (chosen: string) => {
    const { [name]: _, ...others } = value
    onChange(chosen === '' ? others : { ...others, [name]: chosen })
  }
  const policy = typeof now?.approvalPolicy === 'string' ? now.approvalPolicy : null
  return (
    <div className="columns">
      <Choice
        label="Model"
        value={value.model}
        now={now?.model}
        options={models.map(({ id }) => id)}
        onChange={set('model')}
      />
      <Choice
        label="Effort"
        value={value.effort}
        now={now?.effort}
        options={efforts}
        onChange={set('effort')}
      />
      <Choice
        label="Sandbox"
        value={value.sandbox}
        now={now?.sandbox}
        options={SANDBOXES}
        onChange={set('sandbox')}
      />
      <Choice
        label="Approvals"
        value={typeof value.approvalPolicy === 'string' ? value.approvalPolicy : undefined}
        now={policy}
        options={POLICIES}
        onChange={set('approvalPolicy')}
      />
      {modes.length > 0 && (
        <Choice
          label="Mode"
          value={value.mode}
          now={now?.mode}
          // What a new session begins with stands there already.
          options={now?.mode ? modes : modes.filter((mode) => mode !== 'default')}
          onChange={set('mode')}
        />
      )}
    </div>
  )
}

interface ChoiceProps {
  readonly label: string
  readonly value: string | undefined
  readonly now: string | null | undefined
  readonly options: readonly string[]
  readonly onChange: (chosen: string) => void
}

function Choice({ label, value = '', now, options, onChange }: ChoiceProps) {
  return (
    <label>
      {label}
      <select value={value} onChange={(event) => onChange(event.target.value)}>
        <option value="">{now ? `as now: ${now}` : 'default'}</option>
        {options.map((option) => (
          <option key={option} value={option}>
            {option}
          </option>
        ))}
      </select>
    </label>
  )
}
