/**
 * Clients that make trouble for others, in a process of their own: some that read a noisy session and ask without end,
 * and one that reads nothing. `TroubleOrder` in, `TroubleReport` out.
 */
import { type HubAddress, HubWire } from '../parts/hub-wire.ts'

export type TroubleOrder =
  | {
      /** `stall`: one client that reads nothing. `begin`: `count` that read and ask. */
      readonly kind: 'stall' | 'begin'
      readonly address: HubAddress
      readonly sessionIds: readonly string[]
      readonly count: number
    }
  | { readonly kind: 'end' }

export type TroubleReport = { readonly kind: 'begun' } | { readonly kind: 'ended'; readonly asked: number }

const ASK_EVERY_MS = 100

let wires: HubWire[] = []
let timers: NodeJS.Timeout[] = []
let asked = 0

async function join(address: HubAddress, sessionIds: readonly string[]): Promise<HubWire> {
  const wire = await HubWire.open(address)
  for (const sessionId of sessionIds) await wire.follow('session', { sessionId })
  wires.push(wire)
  return wire
}

async function begin({
  kind,
  address,
  sessionIds,
  count,
}: Exclude<TroubleOrder, { kind: 'end' }>): Promise<void> {
  for (let index = 0; index < count; index += 1) {
    const wire = await join(address, sessionIds)
    if (kind === 'stall') wire.socket.pause()
    else timers.push(setInterval(() => ask(wire), ASK_EVERY_MS))
  }
}

function ask(wire: HubWire): void {
  asked += 1
  // The connection may end while an answer is on its way.
  wire.call('session/list', { limit: 50 }).catch(() => {})
}

process.on('message', async (order: TroubleOrder) => {
  if (order.kind !== 'end') {
    asked = 0
    await begin(order)
    process.send?.({ kind: 'begun' } satisfies TroubleReport)
    return
  }
  for (const timer of timers) clearInterval(timer)
  for (const wire of wires) wire.close()
  timers = []
  wires = []
  process.send?.({ kind: 'ended', asked } satisfies TroubleReport)
})
process.on('disconnect', () => process.exit())
