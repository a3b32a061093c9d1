/** Figures for Prometheus, read when they are asked for. */
import { Counter, collectDefaultMetrics, Gauge, Registry as MetricsRegistry } from 'prom-client'
import type { HubRooms } from '../rooms.ts'

let ofProcess: MetricsRegistry | null = null

/**
 * RSS, heap, CPU, handles, event-loop delay and collections of garbage: of the process, whatever hubs follow each other in
 * it. Made once, because what prom-client observes it observes for ever, with all that the registry leads to.
 */
function processMetrics(): MetricsRegistry {
  if (ofProcess) return ofProcess
  ofProcess = new MetricsRegistry()
  collectDefaultMetrics({ register: ofProcess, prefix: 'codex_hub_' })
  return ofProcess
}

export function makeMetrics(rooms: HubRooms): MetricsRegistry {
  const registry = new MetricsRegistry()
  const registers = [registry]
  const gauge = (name: string, help: string, read: () => number): void => {
    new Gauge({
      name: `codex_hub_${name}`,
      help,
      registers,
      collect() {
        this.set(read())
      },
    })
  }
  new Gauge({
    name: 'codex_hub_sessions',
    help: 'Sessions by phase.',
    labelNames: ['phase'],
    registers,
    collect() {
      this.reset()
      for (const { phase } of rooms.registry.sessions) this.inc({ phase })
    },
  })
  gauge('clients', 'Connected clients.', () => rooms.clients.size)
  gauge('clients_lagging', 'Clients that read too slowly now.', () => {
    let count = 0
    for (const client of rooms.clients) if (client.outbox.isLagging) count += 1
    return count
  })
  gauge('client_queue_bytes', 'Bytes sent and not yet read, of all clients.', () => {
    let bytes = 0
    for (const client of rooms.clients) bytes += client.outbox.bufferedBytes
    return bytes
  })
  gauge('subscribers', 'Places in streams.', () => {
    let count = rooms.registry.list.subscriberCount
    for (const { record } of rooms.registry.sessions)
      if (record.isHydrated) count += record.stream.subscriberCount
    return count
  })
  gauge('processes', 'Codex processes in the ledger.', () => [...rooms.ledger.processes].length)
  const frames = new Counter({
    name: 'codex_hub_frames_total',
    help: 'Frames made by live streams.',
    registers,
  })
  frames.inc(0)
  let framesTold = 0
  const storeGauges = {
    databaseBytes: new Gauge({
      name: 'codex_hub_database_bytes',
      help: 'Size of the database file.',
      registers,
    }),
    walBytes: new Gauge({ name: 'codex_hub_wal_bytes', help: 'Size of its write-ahead log.', registers }),
    queuedChanges: new Gauge({
      name: 'codex_hub_store_queued_changes',
      help: 'Changes not yet written.',
      registers,
    }),
    queuedBytes: new Gauge({ name: 'codex_hub_store_queued_bytes', help: 'Their size.', registers }),
    flushes: new Gauge({ name: 'codex_hub_store_flushes', help: 'Batches written since start.', registers }),
    failedFlushes: new Gauge({
      name: 'codex_hub_store_failed_flushes',
      help: 'Batches the disk refused.',
      registers,
    }),
    lastFlushMs: new Gauge({
      name: 'codex_hub_store_last_flush_ms',
      help: 'Time of the newest batch.',
      registers,
    }),
    maxFlushMs: new Gauge({
      name: 'codex_hub_store_max_flush_ms',
      help: 'Time of the slowest batch.',
      registers,
      async collect() {
        const stats = await rooms.store.stats()
        for (const [name, one] of Object.entries(storeGauges))
          one.set(stats[name as keyof typeof storeGauges])
        let made = rooms.registry.list.frameCount
        for (const { record } of rooms.registry.sessions)
          if (record.isHydrated) made += record.stream.frameCount
        if (made > framesTold) frames.inc(made - framesTold)
        framesTold = made
      },
    }),
  }
  return MetricsRegistry.merge([processMetrics(), registry])
}
