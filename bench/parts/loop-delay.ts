/** How late the hub's event loop was, as the hub's own metrics tell. */
import type { HubAddress } from './hub-wire.ts'

/** p99 since it was last asked, in milliseconds. Asking starts anew. */
export async function loopDelayP99Ms({ url, token }: HubAddress): Promise<number> {
  const answer = await fetch(`${url}/metrics`, { headers: { authorization: `Bearer ${token}` } })
  const line = /^codex_hub_nodejs_eventloop_lag_p99_seconds (\S+)/m.exec(await answer.text())
  return Number(line?.[1]) * 1_000
}
