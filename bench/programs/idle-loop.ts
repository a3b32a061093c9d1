/** A process of Node that does nothing but measure how late its event loop is: what the machine alone costs anybody. */
import { monitorEventLoopDelay } from 'node:perf_hooks'

export type IdleOrder = { readonly kind: 'p99' }
/** Since it was last asked, in milliseconds; the timer's 10 ms included, as in the hub's own figure. */
export type IdleReport = { readonly kind: 'p99'; readonly ms: number }

const delay = monitorEventLoopDelay({ resolution: 10 })
delay.enable()

process.on('message', (_order: IdleOrder) => {
  process.send?.({ kind: 'p99', ms: delay.percentile(99) / 1e6 } satisfies IdleReport)
  delay.reset()
})
process.on('disconnect', () => process.exit())
