/** How the connection is, always: what is shown is never taken for live when it is not. */
import { useEffect, useState } from 'react'
import { useHub, useReadable } from './hub.ts'
import { isOutdated } from './offline/offline.ts'
import { isOtherProtocol } from './offline/upgrade.ts'

export function ConnectionBar() {
  const state = useReadable(useHub().connection)
  const hasNewer = useReadable(isOutdated)
  const [now, setNow] = useState(Date.now())
  const isOffline = state.status === 'offline'
  useEffect(() => {
    if (!isOffline) return
    const tick = setInterval(() => setNow(Date.now()), 250)
    return () => clearInterval(tick)
  }, [isOffline])
  const isForeign = state.status === 'refused' && isOtherProtocol(state.code)
  const text = () => {
    switch (state.status) {
      case 'live':
        return 'live'
      case 'connecting':
        return 'connecting…'
      case 'catchingUp':
        return 'catching up…'
      case 'offline':
        return `offline, next try in ${Math.max(0, Math.ceil((state.retryAt - now) / 1_000))} s`
      case 'refused':
        return isForeign
          ? `The hub is another version than this page. ${state.reason}`
          : `refused: ${state.reason}`
      case 'closed':
        return 'closed'
    }
  }
  return (
    <div className={`connection ${state.status}`} role="status">
      <span className="dot" aria-hidden="true" />
      {text()}
      {(hasNewer || isForeign) && (
        <button type="button" onClick={() => location.reload()} title="The hub has a newer page">
          Reload for the new page
        </button>
      )}
    </div>
  )
}
