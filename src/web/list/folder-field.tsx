/** The folder of a new session: typed, one of those used before, or walked to. */
import { useEffect, useRef, useState } from 'react'
import { withoutTilde, withTilde } from '../format.ts'
import { useHub } from '../hub.ts'
import { Icon } from '../icons.tsx'
import { SuggestionList, useSuggestions } from '../listbox.tsx'

interface Option {
  readonly path: string
  readonly isRecent: boolean
  readonly isRepository: boolean
}

interface Props {
  /** As a person writes it, with `~`. */
  readonly value: string
  readonly onChange: (path: string) => void
  /** Where sessions were before, newest first. */
  readonly recent: readonly string[]
}

/** Recent folders that are suggested at once. */
const SHOWN_RECENT = 6

export function FolderField({ value, onChange, recent: before }: Props) {
  const [isOpen, setOpen] = useState(false)
  const within = useFolders(value, isOpen)
  const recent = before.map(withTilde)
  const words = value.toLowerCase()
  const fitting = recent.filter((path) => path !== value && path.toLowerCase().includes(words))
  // A whole path was chosen or given: then all of those before are as good as before.
  const shown = (recent.includes(value) ? recent.filter((path) => path !== value) : fitting).slice(
    0,
    SHOWN_RECENT,
  )
  const options: Option[] = [
    ...shown.map((path) => ({ path, isRecent: true, isRepository: false })),
    ...within.filter(({ path }) => !shown.includes(path) && path !== value),
  ]
  const take = ({ path, isRecent, isRepository }: Option) => {
    // Below a folder that is no project there is more to choose from.
    const isEnd = isRecent || isRepository
    onChange(isEnd ? path : `${path}/`)
    setOpen(!isEnd)
  }
  const suggestions = useSuggestions({
    options: useStable(options),
    isOpen,
    takesFirst: false,
    onTake: take,
    onClose: () => setOpen(false),
  })
  return (
    <div className="folder-field">
      <label>
        Folder
        <input
          {...suggestions.field}
          required
          autoComplete="off"
          spellCheck={false}
          value={value}
          placeholder="/path/to/project"
          onChange={(event) => {
            onChange(event.target.value)
            setOpen(true)
          }}
          onClick={() => setOpen(true)}
          onBlur={() => setOpen(false)}
          onKeyDown={(event) => {
            if (suggestions.onKeyDown(event)) return
            if (event.key === 'ArrowDown') setOpen(true)
          }}
        />
      </label>
      <SuggestionList suggestions={suggestions} label="Folders" onTake={take} keyOf={({ path }) => path}>
        {({ path, isRecent, isRepository }) => (
          <>
            <Icon name={isRecent ? 'clock' : 'folder'} />
            <b>{path}</b>
            <small>{isRecent ? 'recent' : isRepository ? 'repository' : ''}</small>
          </>
        )}
      </SuggestionList>
    </div>
  )
}

/** The same list while it holds the same, so that what is pointed at stays. */
function useStable(options: readonly Option[]): readonly Option[] {
  const kept = useRef(options)
  const key = (list: readonly Option[]) => list.map(({ path }) => path).join('\n')
  if (key(kept.current) !== key(options)) kept.current = options
  return kept.current
}

/** Folders that go on with what is written. */
function useFolders(value: string, isWanted: boolean): readonly Option[] {
  const hub = useHub()
  const cut = value.lastIndexOf('/')
  const folder = cut <= 0 ? value.slice(0, cut + 1) : value.slice(0, cut)
  const begin = value.slice(cut + 1).toLowerCase()
  const [found, setFound] = useState<{ folder: string; options: readonly Option[] } | null>(null)
  useEffect(() => {
    if (!isWanted) return
    let isGone = false
    hub.request('folder/list', folder === '' ? {} : { path: withoutTilde(folder) }).then(
      ({ folders }) => {
        const options = folders.map((each) => ({ ...each, path: withTilde(each.path), isRecent: false }))
        if (!isGone) setFound({ folder, options })
      },
      // What is no folder yet has nothing in it.
      () => {
        if (!isGone) setFound({ folder, options: [] })
      },
    )
    return () => {
      isGone = true
    }
  }, [hub, folder, isWanted])
  if (found?.folder !== folder) return []
  return found.options.filter(({ path }) => (path.split('/').at(-1) ?? '').toLowerCase().startsWith(begin))
}
