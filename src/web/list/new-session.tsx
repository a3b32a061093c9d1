/** Start a session: folder, model, policies, first prompt. */
import { type FormEvent, useState } from 'react'
import type { SettingsRequest } from '../../protocol/settings.ts'
import type { Summary } from '../../protocol/summary.ts'
import { Dialog } from '../dialog.tsx'
import { says, useHub } from '../hub.ts'
import { SettingsChoices } from '../settings-choices.tsx'

interface Props {
  readonly sessions: readonly Summary[]
  readonly onClose: () => void
  readonly onMade: (id: string) => void
}

export function NewSession({ sessions, onClose, onMade }: Props) {
  const hub = useHub()
  const folders = [
    ...new Set(sessions.toSorted((a, b) => b.updatedAt - a.updatedAt).map(({ cwd }) => cwd)),
  ].slice(0, 30)
  const [form, setForm] = useState({ cwd: folders[0] ?? '', prompt: '' })
  const [settings, setSettings] = useState<SettingsRequest>({})
  const [problem, setProblem] = useState<string | null>(null)
  const [isBusy, setBusy] = useState(false)
  const set = (name: keyof typeof form) => (event: { target: { value: string } }) =>
    setForm((known) => ({ ...known, [name]: event.target.value }))
  const submit = async (event: FormEvent) => {
    event.preventDefault()
    setBusy(true)
    setProblem(null)
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
        <SettingsChoices value={settings} onChange={setSettings} />
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
