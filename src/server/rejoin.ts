/**
 * What a starting hub does about processes of an earlier one: joins those a session needs, ends those that nobody
 * does, and strikes out those that are gone (L16). Processes of others are never touched: only the ledger counts.
 */
import type { Log } from '../base/log.ts'
import type { Driver, ProcessRecord } from '../connectors/driver.ts'
import type { Ledger } from './ledger.ts'
import type { Registry } from './registry.ts'

interface RejoinPorts {
  readonly driver: Driver
  readonly ledger: Ledger
  readonly registry: Registry
  readonly log: Log
}

/** Settle every record of the ledger; resolves when each is joined or gone. */
export async function settleProcesses(records: readonly ProcessRecord[], ports: RejoinPorts): Promise<void> {
  for (const record of records) {
    ports.ledger.adopt(record)
    if (record.sharedBy !== null) ports.driver.know(record)
  }
  await Promise.all(records.map((record) => settle(record, ports)))
}

async function settle(record: ProcessRecord, { driver, ledger, registry, log }: RejoinPorts): Promise<void> {
  const { id, pid, sessionId } = record
  try {
    if (!(await driver.isAlive(record))) {
      ledger.forget(id)
      return
    }
    if (record.sharedBy !== null) {
      await settleShared(record, { driver, registry, log })
      return
    }
    const session = sessionId === null ? null : registry.sessionOrNull(sessionId)
    const isNeeded =
      session && session.summary.threadId !== null && session.phase !== 'closed' && record.socketPath !== null
    if (isNeeded) {
      try {
        await registry.rejoin(session.id, record)
        log.info({ pid, sessionId, process: id }, 'a running session was joined again')
        return
      } catch (error) {
        log.warn(
          { err: error, pid, sessionId, process: id },
          'a process of an earlier hub could not be joined',
        )
      }
    }
    await driver.reap(record)
    log.info({ pid, sessionId, process: id }, 'a process nobody needs was ended')
  } catch (error) {
    log.error({ err: error, pid, process: id }, 'a process of the ledger could not be settled')
  }
}

/** Which sessions are on it is no memory of ours: Codex is asked what it has open. */
async function settleShared(
  record: ProcessRecord,
  { driver, registry, log }: Pick<RejoinPorts, 'driver' | 'registry' | 'log'>,
): Promise<void> {
  const { id, pid } = record
  const threads = await driver.threadsOf(record).catch((error: unknown) => {
    log.warn({ err: error, pid, process: id }, 'a shared process of an earlier hub could not be joined')
    return []
  })
  const joined = await Promise.all(
    threads.map(async (threadId) => {
      const session = registry.byThread(threadId)
      if (!session || session.phase === 'closed' || session.isBusy) return false
      return registry.rejoin(session.id, record).then(
        () => true,
        (error: unknown) => {
          log.warn({ err: error, pid, sessionId: session.id }, 'a session on a shared process was not joined')
          return false
        },
      )
    }),
  )
  log.info({ pid, process: id, sessions: joined.filter(Boolean).length }, 'a shared process was joined again')
  // Nothing comes of it where a session is on it, one that came meanwhile included.
  await driver.reap(record)
}
