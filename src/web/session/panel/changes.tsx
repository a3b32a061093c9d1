/** What was changed: by the newest turn, or by the whole session, as a tree of files and their diffs. */
import { useMemo, useState } from 'react'
import type { SessionSnapshot } from '../../../client/session-store.ts'
import type { SessionState } from '../../../protocol/session-state.ts'
import { type DiffStyle, Files } from '../../diff/diff-view.tsx'
import { treeOf } from '../../diff/file-tree.ts'
import { type FileDiff, parseDiff } from '../../diff/parse-diff.ts'
import { Either } from '../../either.tsx'
import { count } from '../../format.ts'
import { says, useHub } from '../../hub.ts'
import { useKept } from '../../kept.ts'
import { type Patch, useAllChanges } from './all-changes.ts'
import './changes.css'
import { Problem } from '../../problem.tsx'

/** Patches of one file drawn at once; earlier ones on request. */
const SHOWN_PATCHES = 10

interface Props {
  readonly snapshot: SessionSnapshot
  readonly state: SessionState
  readonly onSelect: (id: string, itemId?: string) => void
}

export function Changes({ snapshot, state, onSelect }: Props) {
  const [of, setOf] = useState<'turn' | 'session'>('turn')
  const [style, setStyle] = useKept<DiffStyle>('diff-style', 'unified')
  return (
    <>
      <div className="toolbar">
        <Either
          label="Changes of"
          value={of}
          onChange={setOf}
          options={[
            ['turn', 'Newest turn'],
            ['session', 'Whole session'],
          ]}
        />
        <Either
          label="Diff"
          value={style}
          onChange={setStyle}
          options={[
            ['unified', 'Unified'],
            ['split', 'Split'],
          ]}
        />
      </div>
      {of === 'turn' ? (
        <OfTurn state={state} style={style} />
      ) : (
        <OfSession snapshot={snapshot} state={state} style={style} onSelect={onSelect} />
      )}
    </>
  )
}

function OfTurn({ state: { summary, diff }, style }: { state: SessionState; style: DiffStyle }) {
  const hub = useHub()
  const [whole, setWhole] = useState<{ of: unknown; unified: string } | null>(null)
  const [problem, setProblem] = useState<string | null>(null)
  const unified = whole !== null && whole.of === diff ? whole.unified : (diff?.unified ?? '')
  const files = useMemo(() => (unified.trim() === '' ? [] : parseDiff(unified)), [unified])
  if (files.length === 0) return <p className="quiet">No file was changed.</p>
  return (
    <>
      <Tree files={files} />
      {diff?.cut !== undefined && unified === diff.unified && (
        <p className="quiet">
          {problem ?? `Shown in part: ${count(diff.cut)} characters in all.`}{' '}
          <button
            type="button"
            onClick={() =>
              hub.request('session/diff', { sessionId: summary.id }).then(
                (result) => setWhole({ of: diff, unified: result.unified }),
                (error) => setProblem(says(error)),
              )
            }
          >
            Show all of it
          </button>
        </p>
      )}
      <Files files={files} style={style} idOf={placeOf} />
    </>
  )
}

function OfSession({ snapshot, state: { summary }, style, onSelect }: Props & { style: DiffStyle }) {
  const { files, isReading, isPart, problem } = useAllChanges(summary.id, summary.cwd, snapshot)
  const sums = [...files].map(([path, patches]): FileDiff => {
    const sum = (of: 'added' | 'removed') => patches.reduce((all, { file }) => all + file[of], 0)
    return { path, kind: 'changed', hunks: [], added: sum('added'), removed: sum('removed') }
  })
  return (
    <>
      <Problem says={problem} />
      {isPart && problem === null && <p className="quiet">Only the newest changes: there are too many.</p>}
      {!isReading && files.size === 0 && <p className="quiet">No file was changed.</p>}
      <Tree files={sums} />
      {[...files].map(([path, patches]) => (
        <Patches
          key={path}
          path={path}
          patches={patches}
          style={style}
          onShow={(itemId) => onSelect(summary.id, itemId)}
        />
      ))}
      {isReading && <p className="quiet">Reading…</p>}
    </>
  )
}

interface PatchesProps {
  readonly path: string
  readonly patches: readonly Patch[]
  readonly style: DiffStyle
  readonly onShow: (itemId: string) => void
}

/** What was done to one file, newest last. */
function Patches({ path, patches, style, onShow }: PatchesProps) {
  const [shown, setShown] = useState(SHOWN_PATCHES)
  const hidden = Math.max(0, patches.length - shown)
  return (
    <section id={placeOf(path)}>
      {hidden > 0 && (
        <button type="button" className="link" onClick={() => setShown(shown + SHOWN_PATCHES)}>
          {hidden} earlier changes of {path}
        </button>
      )}
      {patches.slice(hidden).map(({ itemId, file }, index) => (
        <div key={itemId} className="patch">
          {patches.length > 1 && (
            <button type="button" className="link" onClick={() => onShow(itemId)}>
              Change {hidden + index + 1} of {patches.length}: show where it was made
            </button>
          )}
          <Files files={[file]} style={style} />
        </div>
      ))}
    </section>
  )
}

function Tree({ files }: { files: readonly FileDiff[] }) {
  const byPath = new Map(files.map((file) => [file.path, file]))
  if (files.length < 2) return null
  const sum = (of: 'added' | 'removed') => files.reduce((all, file) => all + file[of], 0)
  return (
    <nav className="tree" aria-label="Changed files">
      <p>
        {files.length} files <span className="added">+{sum('added')}</span>{' '}
        <span className="removed">−{sum('removed')}</span>
      </p>
      <ul>
        {treeOf([...byPath.keys()]).map(({ name, depth, path }, index) => {
          const file = path === null ? undefined : byPath.get(path)
          return (
            // biome-ignore lint/suspicious/noArrayIndexKey: folders may have the same name
            <li key={index} style={{ paddingLeft: depth * 14 }}>
              {path === null ? (
                <span className="folder">{name}/</span>
              ) : (
                <button type="button" onClick={() => goTo(path)}>
                  <span>{name}</span> <span className="added">+{file?.added ?? 0}</span>{' '}
                  <span className="removed">−{file?.removed ?? 0}</span>
                </button>
              )}
            </li>
          )
        })}
      </ul>
    </nav>
  )
}

function placeOf(path: string): string {
  return `changed-${path}`
}

function goTo(path: string): void {
  const place = document.getElementById(placeOf(path))
  if (place instanceof HTMLDetailsElement) place.open = true
  place?.scrollIntoView({ block: 'start' })
}
