/** Dialogs of the page as a whole. Those that few open are loaded when they are opened. */
import { lazy, type ReactNode, Suspense } from 'react'
import { Boundary } from './boundary.tsx'
import { Dialog } from './dialog.tsx'
import { Keys } from './keys.tsx'
import { NewSession } from './list/new-session.tsx'
import type { SettingsProps } from './settings/settings.tsx'

const Settings = lazy(async () => ({ default: (await import('./settings/settings.tsx')).Settings }))
const ThreadsDialog = lazy(async () => ({
  default: (await import('./threads/threads-dialog.tsx')).ThreadsDialog,
}))
const ImportDialog = lazy(async () => ({
  default: (await import('./threads/import-dialog.tsx')).ImportDialog,
}))

export type DialogName = 'new' | 'keys' | 'settings' | 'threads' | 'import'

interface Props extends SettingsProps {
  readonly name: DialogName | null
  /** A file that was dropped on the page. */
  readonly dropped: File | null
  readonly onOpen: (name: DialogName) => void
  readonly onSelect: (id: string) => void
}

export function Dialogs(props: Props) {
  const { name, onClose } = props
  if (name === null) return null
  return (
    <Boundary of={name} fallback={() => <Unloaded onClose={onClose} />}>
      <Suspense fallback={null}>{dialogOf(props)}</Suspense>
    </Boundary>
  )
}

function dialogOf({ name, dropped, onOpen, onSelect, ...settings }: Props): ReactNode {
  const { sessions, onClose } = settings
  switch (name) {
    case 'new':
      return (
        <NewSession
          sessions={sessions}
          onClose={onClose}
          onMade={(id) => {
            onClose()
            onSelect(id)
          }}
        />
      )
    case 'keys':
      return <Keys onClose={onClose} />
    case 'settings':
      return <Settings {...settings} />
    case 'threads':
      return <ThreadsDialog onClose={onClose} onSelect={onSelect} onImport={() => onOpen('import')} />
    case 'import':
      return <ImportDialog dropped={dropped} onClose={onClose} onSelect={onSelect} />
    case null:
      return null
  }
}

/** Its files are gone: the hub is away, or has another page by now. */
function Unloaded({ onClose }: { onClose: () => void }) {
  return (
    <Dialog title="This part is not here" onClose={onClose}>
      <div className="new">
        <p>It could not be loaded: the hub is away, or has a newer page. What you have written is kept.</p>
        <footer>
          <button type="button" onClick={onClose}>
            Close
          </button>
          <button type="button" className="primary" onClick={() => location.reload()}>
            Reload
          </button>
        </footer>
      </div>
    </Dialog>
  )
}
