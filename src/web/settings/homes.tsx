/** Codex homes: whose sessions are adopted, how that goes, and the switches for it. */
import { type FormEvent, useEffect, useRef, useState } from 'react'
import type { Home } from '../../protocol/home.ts'
import { withTilde } from '../format.ts'
import { says, useHub } from '../hub.ts'
import { Problem } from '../problem.tsx'

/** While something of it is still looked at, as often. */
const EVERY_MS = 1_000

export function Homes() {
  const hub = useHub()
  const [homes, setHomes] = useState<readonly Home[] | null>(null)
  const [problem, setProblem] = useState<string | null>(null)
  /** Homes that are being changed. */
  const [changing, setChanging] = useState<readonly string[]>([])
  const changes = useRef(0)
  const [path, setPath] = useState('')
  const mayChange = hub.welcome?.scopes.includes('admin') ?? false
  const isLooking = homes?.some(({ waiting }) => waiting > 0) ?? true
  useEffect(() => {
    const read = () => {
      const before = changes.current
      return hub.request('home/list', {}).then(
        // What was asked for before a change says nothing of it.
        (result) => (changes.current === before ? setHomes(result.homes) : undefined),
        (error) => setProblem(says(error)),
      )
    }
    void read()
    const timer = isLooking ? setInterval(read, EVERY_MS) : undefined
    return () => clearInterval(timer)
  }, [hub, isLooking])
  /** @returns whether it is as was asked */
  const change = async (method: 'home/set' | 'home/forget', home: string, adopt = true): Promise<boolean> => {
    changes.current += 1
    setChanging((those) => [...those, home])
    setProblem(null)
    const before = homes
    // A switch moves when it is pressed, and back where the hub would not.
    if (method === 'home/set')
      setHomes(homes?.map((each) => (each.codexHome === home ? { ...each, adopt } : each)) ?? null)
    try {
      const changed =
        method === 'home/set'
          ? await hub.command(method, { home, adopt })
          : await hub.command(method, { home })
      setHomes(changed.homes)
      return true
    } catch (error) {
      setHomes(before)
      setProblem(says(error))
      return false
    } finally {
      changes.current += 1
      setChanging((those) => those.filter((each) => each !== home))
    }
  }
  const isAdding = changing.includes(path.trim())
  const add = async (event: FormEvent): Promise<void> => {
    event.preventDefault()
    const isAdded = await change('home/set', path.trim())
    // What is typed meanwhile stays.
    if (isAdded) setPath((typed) => (typed === path ? '' : typed))
  }
  if (homes === null) return <p className={problem ? 'problem' : 'quiet'}>{problem ?? 'Reading…'}</p>
  return (
    <>
      <p className="quiet">
        Sessions that are started in a terminal or an editor are found in the Codex home they write to.
      </p>
      {homes.map((home, index) => (
        <section key={home.codexHome} className="fact home" aria-label={home.codexHome}>
          <div className="line">
            <code>{withTilde(home.codexHome)}</code>
            {index > 0 && mayChange && (
              <button
                type="button"
                disabled={changing.includes(home.codexHome)}
                aria-label={`Forget ${home.codexHome}`}
                onClick={() => void change('home/forget', home.codexHome)}
              >
                Forget
              </button>
            )}
          </div>
          <label className="choice">
            <input
              type="checkbox"
              checked={home.adopt}
              disabled={changing.includes(home.codexHome) || !mayChange}
              onChange={(event) => void change('home/set', home.codexHome, event.target.checked)}
            />
            Show what others start here
          </label>
          <p className="quiet">{found(home)}</p>
          {home.daemon && (
            <p className="quiet">
              {home.daemon.sentence}
              {home.daemon.codexVersion !== null && ` Codex ${home.daemon.codexVersion}.`}
            </p>
          )}
          {home.problems.map((each) => (
            <p key={each} className="problem">
              {each}
            </p>
          ))}
        </section>
      ))}
      <Problem says={problem} />
      {mayChange ? (
        <form className="add-home" onSubmit={(event) => void add(event)}>
          <label>
            Another Codex home
            <input
              value={path}
              placeholder="~/.codex-work"
              spellCheck={false}
              onChange={(event) => setPath(event.target.value)}
            />
          </label>
          <button type="submit" disabled={isAdding || path.trim() === ''}>
            Add
          </button>
        </form>
      ) : (
        <p className="quiet">Only a login with the scope “admin” changes this.</p>
      )}
    </>
  )
}

function found({ adopt, threads, waiting, observed }: Home): string {
  if (!adopt) return 'Off: what was found before stays in the list, and nothing new is looked for.'
  const looking = waiting > 0 ? `, ${waiting} still to be looked at` : ''
  return `${threads} ${threads === 1 ? 'session' : 'sessions'} found, ${observed} read as they grow${looking}`
}
