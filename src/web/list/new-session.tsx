/** Start a session: folder, model, policies, first prompt. */
import { type FormEvent, useEffect, useState } from 'react'
import type { Model } from '../../protocol/model.ts'
import type { Summary } from '../../protocol/summary.ts'
import { Dialog } from '../dialog.tsx'
import { says, useHub } from '../hub.ts'

interface Props {
  readonly sessions: readonly Summary[]
  readonly onClose: () => void
  readonly onMade: (id: string) => void
}

const SANDBOXES = ['read-only', 'workspace-write', 'danger-full-access'] as const
const POLICIES = ['untrusted', 'on-request', 'never'] as const

export function NewSession({ sessions, onClose, onMade }: Props) {
  const hub = useHub()
  const folders = [
    ...new Set(sessions.toSorted((a, b) => b.updatedAt - a.updatedAt).map(({ cwd }) => cwd)),
  ].slice(0, 30)
  const [models, setModels] = useState<readonly Model[]>([])
  const [form, setForm] = useState({
    cwd: folders[0] ?? '',
    model: '',
    effort: '',
    sandbox: '',
    policy: '',
    prompt: '',
  })
  const [problem, setProblem] = useState<string | null>(null)
  const [isBusy, setBusy] = useState(false)
  useEffect(() => {
    // Without a list of models a session is begun with Codex's own choice.
    hub.request('model/list', {}).then(
      (result) => setModels(result.models),
      () => {},
    )
  }, [hub])
  const set = (name: keyof typeof form) => (event: { target: { value: string } }) =>
    setForm((known) => ({ ...known, [name]: event.target.value }))
  const efforts =
    models.find(({ id }) => id === form.model)?.efforts ??
    models.find(({ isDefault }) => isDefault)?.efforts ??
    []
  const submit = async (event: FormEvent) => {
    event.preventDefault()
    setBusy(true)
    setProblem(null)
    const settings = {
      ...(form.model && { model: form.model }),
      ...(form.effort && { effort: form.effort }),
      ...(form.sandbox && { sandbox: form.sandbox as (typeof SANDBOXES)[number] }),
      ...(form.policy && { approvalPolicy: form.policy }),
    }
    const input = form.prompt.trim() === '' ? undefined : [{ type: 'text' as const, text: form.prompt }]
    try {
      const { session } = await hub.command('session/create', {
        cwd: form.cwd.trim(),
        settings,
        ...(input && { input }),
      })
      onMade(session.id)
    } catch (error) {
      setProblem(says(error))
      setBusy(false)
    }
  }
  return (
    <Dialog title="New session" onClose={onClose}>
      <form className="new" onSubmit={submit}>
        <label>
          Folder
          <input
            list="folders"
            required
            value={form.cwd}
            onChange={set('cwd')}
            placeholder="/path/to/project"
          />
          <datalist id="folders">
            {folders.map((folder) => (
              <option key={folder} value={folder} />
            ))}
          </datalist>
        </label>
        <div className="columns">
          <Choice
            label="Model"
            value={form.model}
            onChange={set('model')}
            options={models.map(({ id }) => id)}
          />
          <Choice label="Effort" value={form.effort} onChange={set('effort')} options={efforts} />
          <Choice label="Sandbox" value={form.sandbox} onChange={set('sandbox')} options={SANDBOXES} />
          <Choice label="Approvals" value={form.policy} onChange={set('policy')} options={POLICIES} />
        </div>
        <label>
          First prompt
          <textarea
            data-first-focus
            rows={4}
            value={form.prompt}
            onChange={set('prompt')}
            placeholder="What should be done?"
          />
        </label>
        {problem !== null && (
          <p className="problem" role="alert">
            {problem}
          </p>
        )}
        <footer>
          <button type="button" onClick={onClose}>
            Cancel
          </button>
          <button type="submit" className="primary" disabled={isBusy || form.cwd.trim() === ''}>
            {isBusy ? 'Starting…' : 'Start'}
          </button>
        </footer>
      </form>
    </Dialog>
  )
}

interface ChoiceProps {
  readonly label: string
  readonly value: string
  readonly options: readonly string[]
  readonly onChange: (event: { target: { value: string } }) => void
}

function Choice({ label, value, options, onChange }: ChoiceProps) {
  return (
    <label>
      {label}
      <select value={value} onChange={onChange}>
        <option value="">as configured</option>
        {options.map((option) => (
          <option key={option} value={option}>
            {option}
          </option>
        ))}
      </select>
    </label>
  )
}
