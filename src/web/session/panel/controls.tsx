/** What can be done with a session as a whole: what its capabilities name, and nothing else. */
import { type FormEvent, type ReactNode, useState } from 'react'
import type { Item } from '../../../protocol/item.ts'
import type { CommandName } from '../../../protocol/methods.ts'
import type { Summary } from '../../../protocol/summary.ts'
import { Dialog } from '../../dialog.tsx'
import { DialogEnd } from '../../dialog-end.tsx'
import { says, useHub } from '../../hub.ts'
import { ReviewDialog } from '../../review/review-dialog.tsx'
import { DeleteDialog } from './delete-dialog.tsx'
import { ExportDialog } from './export-dialog.tsx'
import { RevertDialog } from './revert-dialog.tsx'

/** Those that need nothing but the session. */
const PLAIN = [
  ['session/resume', 'Resume', 'Bring it back without a prompt'],
  ['session/takeOver', 'Take over', 'Go on with it in a process of the hub'],
  ['session/join', 'Join', 'Follow what your Codex daemon has open'],
  ['session/compact', 'Compact', 'Let Codex shorten what it remembers'],
  ['session/unarchive', 'Unarchive', 'Bring it back to the list'],
  ['session/archive', 'Archive', 'Put it away, here and in Codex'],
  ['session/end', 'End', 'End its process; the next prompt resumes it'],
] as const satisfies readonly (readonly [CommandName, string, string])[]

interface Props {
  readonly summary: Summary
  /** The newest of its items. */
  readonly items: readonly Item[]
  readonly onSelect: (id: string) => void
}

export function Controls({ summary, items, onSelect }: Props) {
  const hub = useHub()
  const [said, setSaid] = useState<{ text: string; isProblem: boolean } | null>(null)
  const [busy, setBusy] = useState<string | null>(null)
  const [dialog, setDialog] = useState<'rename' | 'review' | 'revert' | 'export' | 'delete' | null>(null)
  const sessionId = summary.id
  const can = (method: CommandName) => summary.capabilities.includes(method)
  const run = async <T,>(
    label: string,
    work: Promise<T>,
    done: (result: T) => string | null = () => null,
  ) => {
    setBusy(label)
    setSaid(null)
    try {
      const text = done(await work)
      setSaid(text === null ? null : { text, isProblem: false })
    } catch (error) {
      setSaid({ text: says(error), isProblem: true })
    }
    setBusy(null)
  }
  const button = (label: string, title: string, work: () => Promise<unknown>): ReactNode => (
    <button key={label} type="button" title={title} disabled={busy !== null} onClick={() => void work()}>
      {busy === label ? `${label}…` : label}
    </button>
  )
  return (
    <>
      <div className="controls">
        {PLAIN.filter(([method]) => can(method)).map(([method, label, title]) =>
          button(label, title, () => run(label, hub.command(method, { sessionId }))),
        )}
        {can('session/fork') &&
          button('Fork', 'A new session with the past of this one', () =>
            run('Fork', hub.command('session/fork', { sessionId }), ({ session }) => {
              onSelect(session.id)
              return null
            }),
          )}
        {can('session/release') &&
          button('Release', 'End the hub’s process and go on in a terminal', () =>
            run('Release', hub.command('session/release', { sessionId }), terminalWords),
          )}
        {summary.door === 'driven' &&
          button('Terminal', 'The command that joins a Codex terminal to it', () =>
            run('Terminal', hub.request('session/terminal', { sessionId }), terminalWords),
          )}
        {can('session/review') && (
          <button type="button" title="Have Codex review changes" onClick={() => setDialog('review')}>
            Review
          </button>
        )}
        <button type="button" onClick={() => setDialog('rename')}>
          Rename
        </button>
        <button type="button" title="As a file of this computer" onClick={() => setDialog('export')}>
          Export
        </button>
        {can('session/revert') && (
          <button type="button" title="Take turns back" onClick={() => setDialog('revert')}>
            Revert
          </button>
        )}
        {can('session/delete') && (
          <button type="button" className="deny" onClick={() => setDialog('delete')}>
            Delete
          </button>
        )}
      </div>
      {said !== null && (
        <p role="status" className={said.isProblem ? 'problem said' : 'said'}>
          {said.text}
        </p>
      )}
      {dialog === 'review' && (
        <ReviewDialog summary={summary} onClose={() => setDialog(null)} onSelect={onSelect} />
      )}
      {dialog === 'export' && <ExportDialog summary={summary} onClose={() => setDialog(null)} />}
      {dialog === 'revert' && (
        <RevertDialog
          summary={summary}
          items={items}
          onClose={() => setDialog(null)}
          onDone={(text) => {
            setDialog(null)
            setSaid({ text, isProblem: false })
          }}
        />
      )}
      {dialog === 'delete' && (
        <DeleteDialog
          summary={summary}
          onClose={() => setDialog(null)}
          onDeleted={() => {
            location.hash = ''
          }}
        />
      )}
      {dialog === 'rename' && (
        <Rename
          title={summary.title}
          onClose={() => setDialog(null)}
          onName={(name) => {
            setDialog(null)
            void run('Rename', hub.command('session/rename', { sessionId, name }))
          }}
        />
      )}
    </>
  )
}

interface Elsewhere {
  readonly command: readonly string[]
  readonly env: Readonly<Record<string, string>>
  readonly cwd: string
}

function terminalWords({ command, env, cwd }: Elsewhere): string {
  const variables = Object.entries(env).map(([name, value]) => `${name}=${value}`)
  return `In a terminal: cd ${cwd} && ${[...variables, ...command].join(' ')}`
}

/** Of a name; a title made of a prompt may be longer. */
const MOST_LETTERS = 200

interface RenameProps {
  readonly title: string
  readonly onClose: () => void
  readonly onName: (name: string) => void
}

function Rename({ title, onClose, onName }: RenameProps) {
  const [name, setName] = useState(title.slice(0, MOST_LETTERS))
  const submit = (event: FormEvent) => {
    event.preventDefault()
    onName(name.trim())
  }
  return (
    <Dialog title="Rename" onClose={onClose}>
      <form className="new" onSubmit={submit}>
        <label>
          Name
          <input maxLength={MOST_LETTERS} value={name} onChange={(event) => setName(event.target.value)} />
        </label>
        <DialogEnd problem={null} onClose={onClose} label="Rename" canSubmit={name.trim() !== ''} />
      </form>
    </Dialog>
  )
}
