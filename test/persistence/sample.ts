/**
 * One of everything, as it is in the frozen databases. After adding a migration freeze the schema with
 * `node test/persistence/sample.ts test/fixtures/databases/<number>.sqlite`; never freeze an old number again.
 */
import { copyFile, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { systemClock } from '../../src/base/clock.ts'
import { silentLog } from '../../src/base/log.ts'
import { openStore } from '../../src/persistence/open-store.ts'
import type { Store } from '../../src/persistence/store.ts'
import {
  approvalOf,
  decidedOf,
  detailsOf,
  itemOf,
  processOf,
  receiptOf,
  sessionOf,
  turnOf,
} from '../harness/stored.ts'

/** Open receipts are never pruned, whenever the test runs. */
const receipt = receiptOf('command-1', { state: 'pending', answer: null, at: 1 })

export function writeSample(store: Store): void {
  store.write(
    { kind: 'session', session: sessionOf('s1') },
    { kind: 'session', session: sessionOf('s2', { archived: true }) },
    { kind: 'details', sessionId: 's1', details: detailsOf('plan') },
    { kind: 'turn', sessionId: 's1', turn: turnOf(1) },
    { kind: 'item', sessionId: 's1', item: itemOf(1) },
    { kind: 'item', sessionId: 's1', item: itemOf(2, { hole: true, body: { text: 'x'.repeat(10_000) } }) },
    { kind: 'approval', sessionId: 's1', approval: approvalOf('a1') },
    { kind: 'approval', sessionId: 's1', approval: decidedOf('a2') },
    { kind: 'receipt', receipt },
    { kind: 'process', process: processOf('p1') },
  )
}

export async function readSample(store: Store) {
  return {
    sessions: await store.loadSessions(),
    details: await store.loadDetails('s1'),
    turns: await store.listTurns({ sessionId: 's1', limit: 9 }),
    items: await store.listItems({ sessionId: 's1', limit: 9, order: 'oldestFirst' }),
    approvals: await store.listApprovals({ sessionId: 's1', limit: 9 }),
    receipt: await store.loadReceipt('command-1'),
    processes: await store.loadProcesses(),
  }
}

if (import.meta.main) {
  const folder = await mkdtemp(join(tmpdir(), 'hub-freeze-'))
  const store = await openStore({ folder, log: silentLog, clock: systemClock })
  writeSample(store)
  await store.close()
  await copyFile(join(folder, 'hub.sqlite'), String(process.argv[2]))
  await rm(folder, { recursive: true })
}
