/** Who Codex is logged in as, and what may still be used. */
import { useEffect, useState } from 'react'
import type { Account as CodexAccount, RateLimit } from '../../protocol/account.ts'
import { says, useHub } from '../hub.ts'
import { LimitMeter } from '../session/panel/rate-limits.tsx'

export function Account() {
  const hub = useHub()
  const [account, setAccount] = useState<CodexAccount | null>(null)
  const [limits, setLimits] = useState<readonly RateLimit[]>([])
  const [problem, setProblem] = useState<string | null>(null)
  useEffect(() => {
    hub.request('account/read', {}).then(setAccount, (error) => setProblem(says(error)))
    // Only accounts of OpenAI have some.
    hub.request('account/rateLimits', {}).then(
      (result) => setLimits(result.limits),
      () => {},
    )
  }, [hub])
  if (problem !== null) return <p className="problem">{problem}</p>
  if (account === null) return <p className="quiet">Reading…</p>
  return (
    <>
      <p>{wordsOf(account)}</p>
      {limits.map(({ id, name, primary, secondary, reached }) => (
        <section key={id ?? name ?? 'limit'}>
          {name !== null && <h3>{name}</h3>}
          {reached !== null && <p className="problem">{reached}</p>}
          {[primary, secondary].map(
            (window, index) =>
              // biome-ignore lint/suspicious/noArrayIndexKey: there are two, in this order
              window && <LimitMeter key={index} {...window} />,
          )}
        </section>
      ))}
    </>
  )
}

function wordsOf({ type, email, plan, workspace, needsLogin }: CodexAccount): string {
  if (type !== null) return [email ?? type, plan, workspace].filter((word) => word !== null).join(' · ')
  return needsLogin
    ? 'Nobody is logged in: run codex login in a terminal.'
    : 'No account is needed for the configured provider.'
}
