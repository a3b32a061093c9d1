/**
 * Clients that all lose their connection and all come back, in a process of their own. Half of them kept the cursor of
 * what they held, half come with one of another epoch. `ReturnersOrder` in, `ReturnersReport` out.
 */
import { setTimeout as delay } from 'node:timers/promises'
import type { Cursor } from '../../src/protocol/cursor.ts'
import { type HubAddress, HubWire } from '../parts/hub-wire.ts'
import { instant } from '../parts/instant.ts'

export type ReturnersOrder =
  | {
      readonly kind: 'settle'
      readonly address: HubAddress
      readonly sessionId: string
      readonly count: number
    }
  /** Lose every connection, and come back one after the other within `withinMs`. */
  | { readonly kind: 'return'; readonly withinMs: number }

export type ReturnersReport =
  | { readonly kind: 'settled' }
  | {
      readonly kind: 'returned'
      /** From the first that came back to the last that was synchronized. */
      readonly allMs: number
      /** Of each with a cursor that was good, and of each without: from its connecting until it was synchronized. */
      readonly caughtUpMs: readonly number[]
      readonly staleMs: readonly number[]
    }

const AT_ONCE = 20

let settled: { readonly address: HubAddress; readonly sessionId: string } | null = null
let wires: HubWire[] = []
const cursors: Cursor[] = []

async function settle({
  address,
  sessionId,
  count,
}: Extract<ReturnersOrder, { kind: 'settle' }>): Promise<void> {
  settled = { address, sessionId }
  for (let at = 0; at < count; at += AT_ONCE) {
    await Promise.all(
      Array.from({ length: Math.min(AT_ONCE, count - at) }, async (_, index) => {
        const wire = await HubWire.open(address)
        keepCursor(wire, at + index)
        cursors[at + index] = await wire.follow('session', { sessionId })
        wires.push(wire)
      }),
    )
  }
}

/** A client knows the cursor of the newest frame it has taken. */
function keepCursor(wire: HubWire, index: number): void {
  wire.onTold = ({ params: { cursor } }) => {
    cursors[index] = cursor
  }
}

async function comeBack(withinMs: number): Promise<ReturnersReport> {
  if (!settled) throw new Error('Nobody has settled.')
  const { address, sessionId } = settled
  for (const wire of wires) wire.close()
  const count = wires.length
  wires = []
  // What they miss.
  await delay(500)
  const began = instant()
  const caughtUpMs: number[] = []
  const staleMs: number[] = []
  await Promise.all(
    Array.from({ length: count }, async (_, index) => {
      await delay((index / count) * withinMs)
      const came = instant()
      const wire = await HubWire.open(address)
      const isStale = index % 2 === 1
      const known = cursors[index]
      keepCursor(wire, index)
      cursors[index] = await wire.follow('session', {
        sessionId,
        cursor: isStale ? { epoch: 'of-another-hub', revision: 1 } : known,
      })
      ;(isStale ? staleMs : caughtUpMs).push(instant() - came)
      wires.push(wire)
    }),
  )
  return { kind: 'returned', allMs: instant() - began, caughtUpMs, staleMs }
}

process.on('message', async (order: ReturnersOrder) => {
  if (order.kind === 'settle') {
    await settle(order)
    process.send?.({ kind: 'settled' } satisfies ReturnersReport)
  } else process.send?.(await comeBack(order.withinMs))
})
process.on('disconnect', () => process.exit())
