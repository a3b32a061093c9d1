/** Codex homes: whose sessions are adopted, how that goes, and the switches for it. */
import { type FormEvent, useEffect, useState } from 'react'
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
  const [isBusy, setBusy] = useState(false)
  const [path, setPath] = useState('')
  const mayChange = hub.welcome?.scopes.includes('admin') ?? false
  const isLooking = homes?.some(({ waiting }) => waiting > 0) ?? true
  useEffect(() => {
    const read = () =>
      hub.request('home/list', {}).then(
        (result) => setHomes(result.homes),
        (error) => setProblem(says(error)),
      )
    void read()
    const timer = isLooking ? setInterval(read, EVERY_MS) : undefined
    return () => clearInterval(timer)
  }, [hub, isLooking])
  const change = async (method: 'home/set' | 'home/forget', home: string, adopt = true): Promise<void> => {
    setBusy(true)
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
      setPath('')
    } catch (error) {
      setHomes(before)
      setProblem(says(error))
    }
    setBusy(false)
  }
  const add = (event: FormEvent) => {
    event.preventDefault()
    void change('home/set', path.trim())
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
                disabled={isBusy}
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
              disabled={isBusy || !mayChange}
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
        <form className="add-home" onSubmit={add}>
          <label>
            Another Codex home
            <input
              value={path}
              placeholder="~/.codex-work"
              spellCheck={false}
              onChange={(event) => setPath(event.target.value)}
            />
          </label>
          <button type="submit" disabled={isBusy || path.trim() === ''}>
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
