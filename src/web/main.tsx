/** Starts the page: log in, connect, show. */
import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { App } from './app.tsx'
import { Boundary } from './boundary.tsx'
import { Outbox } from './composer/outbox.ts'
import { connect, HubProvider, OutboxProvider, useHub, useReadable } from './hub.ts'
import { logInByLink } from './login.ts'
import { LoginForm } from './login-form.tsx'
import { keepPage } from './offline/offline.ts'
import { reloadOnUpgrade } from './offline/upgrade.ts'
import './theme.css'
import './base.css'
import './frame.css'
import './dialog.css'
import './list/list.css'
import './session/session.css'
import './session/item.css'
import './session/code.css'
import './session/agents.css'
import './session/approval.css'
import './diff/diff.css'
import './composer/composer.css'
import './queue/queue.css'
import './search/search.css'
import './review/review.css'

/** The code by which the hub says that this browser is not logged in. */
const UNAUTHORIZED = 4401

function Page({ problem }: { problem: string | null }) {
  const state = useReadable(useHub().connection)
  if (state.status === 'refused' && state.code === UNAUTHORIZED) return <LoginForm problem={problem} />
  return <App />
}

function Broken({ error }: { error: Error }) {
  return (
    <main className="login" role="alert">
      <h1>The page failed</h1>
      <p>{error.message}</p>
      <p>Your sessions go on; the hub is not touched by it.</p>
      <button type="button" className="primary" onClick={() => location.reload()}>
        Reload
      </button>
    </main>
  )
}

// A file that is dropped where nobody takes it must not take the place of the page.
for (const type of ['dragover', 'drop'] as const)
  addEventListener(type, (event) => {
    if (event.dataTransfer?.types.includes('Files')) event.preventDefault()
  })

const root = createRoot(document.getElementById('root') as HTMLElement)
const problem = await logInByLink()
const hub = await connect()
const outbox = new Outbox(hub)
keepPage(hub)
reloadOnUpgrade(hub)
root.render(
  <StrictMode>
    <HubProvider value={hub}>
      <OutboxProvider value={outbox}>
        <Boundary of={null} fallback={(error) => <Broken error={error} />}>
          <Page problem={problem} />
        </Boundary>
      </OutboxProvider>
    </HubProvider>
  </StrictMode>,
)
