/** Shown to a browser the hub does not know. */
import { type FormEvent, useState } from 'react'
import { logIn } from './login.ts'

export function LoginForm({ problem }: { problem: string | null }) {
  const [token, setToken] = useState('')
  const [failure, setFailure] = useState(problem)
  const submit = async (event: FormEvent) => {
    event.preventDefault()
    const why = await logIn(token)
    if (why === null) location.reload()
    else setFailure(why)
  }
  return (
    <main className="login">
      <img src="/icons/icon.svg" alt="" width="48" height="48" />
      <h1>codex-hub</h1>
      {failure !== null && <p role="alert">{failure}</p>}
      <p>
        Open the link that <code>codex-hub page</code> prints, or paste the token from the file{' '}
        <code>token</code> in the hub’s data folder.
      </p>
      <form onSubmit={submit}>
        <label>
          Token
          <input
            type="password"
            autoComplete="current-password"
            value={token}
            onChange={(event) => setToken(event.target.value)}
          />
        </label>
        <button type="submit" className="primary" disabled={token.trim().length < 20}>
          Log in
        </button>
      </form>
    </main>
  )
}
