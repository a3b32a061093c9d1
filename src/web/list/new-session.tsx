/** Start a session: folder, model, policies, first prompt. */
import { type FormEvent, useMemo, useRef, useState } from 'react'
import type { SettingsRequest } from '../../protocol/settings.ts'
import type { Summary } from '../../protocol/summary.ts'
import { AttachButton, ImageRow, readImages } from '../composer/images.tsx'
import { inputOf } from '../composer/outbox.ts'
import { PromptField } from '../composer/prompt-field.tsx'
import { skillNames } from '../composer/tokens.ts'
import { namedSkills, useSkills } from '../composer/use-mentions.ts'
import { Dialog } from '../dialog.tsx'
import { DialogEnd } from '../dialog-end.tsx'
import { withoutTilde, withTilde } from '../format.ts'
import { useHub } from '../hub.ts'
import { SettingsChoices } from '../settings-choices.tsx'
import { useAttempt } from '../use-attempt.ts'
import { FolderField } from './folder-field.tsx'

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
  const [form, setForm] = useState({ cwd: withTilde(folders[0] ?? ''), prompt: '', name: '', branch: '' })
  const [hasWorktree, setWorktree] = useState(false)
  const [settings, setSettings] = useState<SettingsRequest>({})
  const { isBusy, problem, attempt } = useAttempt()
  const [images, setImages] = useState<readonly string[]>([])
  const field = useRef<HTMLTextAreaElement>(null)
  const cwd = withoutTilde(form.cwd.trim().replace(/(?<=.)\/+$/, ''))
  const place = useMemo(() => ({ cwd }), [cwd])
  const skills = useSkills(place, skillNames(form.prompt).length > 0)
  const take = (files: Iterable<File>) => {
    void readImages(files).then((read) => setImages((known) => [...known, ...read]))
  }
  const submit = (event: FormEvent) => {
    event.preventDefault()
    const branch = form.branch.trim()
    const named = namedSkills(form.prompt, skills)
    const input = inputOf({ text: form.prompt, images, skills: named })
    void attempt(async () => {
      const { session } = await hub.command('session/create', {
        cwd,
        settings,
        ...(input.length > 0 && { input }),
        ...(hasWorktree && { worktree: branch === '' ? {} : { newBranch: branch } }),
        ...(form.name.trim() !== '' && { name: form.name.trim() }),
      })
      onMade(session.id)
    })
  }
  return (
    <Dialog title="New session" onClose={onClose}>
      <form className="new" onSubmit={submit}>
        <FolderField
          value={form.cwd}
          onChange={(cwd) => setForm((known) => ({ ...known, cwd }))}
          recent={folders}
        />
        <label>
          Name
          <input
            maxLength={200}
            value={form.name}
            placeholder="by its first prompt"
            onChange={(event) => setForm((known) => ({ ...known, name: event.target.value }))}
          />
        </label>
        <div className="worktree">
          <label className="choice">
            <input
              type="checkbox"
              checked={hasWorktree}
              onChange={(event) => setWorktree(event.target.checked)}
            />
            In a work tree of its own
          </label>
          {hasWorktree && (
            <input
              aria-label="New branch"
              placeholder="new branch, else named after the session"
              value={form.branch}
              onChange={(event) => setForm((known) => ({ ...known, branch: event.target.value }))}
            />
          )}
        </div>
        <SettingsChoices value={settings} onChange={setSettings} />
        <fieldset className="first-prompt">
          <legend>First prompt</legend>
          <PromptField
            field={field}
            label="First prompt"
            place={place}
            rows={5}
            isFirstFocus
            placeholder="What should be done? @ names a file, $ a skill"
            value={form.prompt}
            onChange={(prompt) => setForm((known) => ({ ...known, prompt }))}
            onFiles={take}
            onKeyDown={(event) => {
              // Enter makes lines here: a first prompt is often a long one.
              if (event.key !== 'Enter' || !(event.metaKey || event.ctrlKey)) return
              event.preventDefault()
              event.currentTarget.form?.requestSubmit()
            }}
          />
        </fieldset>
        <ImageRow images={images} onRemove={(at) => setImages(images.filter((_, index) => index !== at))} />
        <DialogEnd
          problem={problem}
          onClose={onClose}
          label={isBusy ? 'Starting…' : 'Start'}
          canSubmit={!isBusy && form.cwd.trim() !== ''}
        >
          <AttachButton onFiles={take} />
          <span className="gap" />
        </DialogEnd>
      </form>
    </Dialog>
  )
}
