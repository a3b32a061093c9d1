/**
 * Turns changes into entries of a batch. JSON is made here, once, when a change is written: the caller may change its
 * values afterwards, sizes are known exactly, and what cannot be encoded fails its caller and no batch.
 */

import type { Change } from './change.ts'
import { encodeQueueChange, QUEUE_SCOPE, queueRemoved } from './encode-queue.ts'
import { type Entry, makeEntry as entry, json, operation } from './entry.ts'
import type { Receipt } from './stored.ts'

/** Scopes of reads that concern more than one session. */
export const LIST_SCOPE = 'sessions'
export const RECEIPT_SCOPE = 'receipts'
export const PROCESS_SCOPE = 'processes'
export const ROLLOUT_SCOPE = 'rollouts'
export const DROPPED_SCOPE = 'dropped'
export const AGENT_SCOPE = 'agents'
export const AUDIT_SCOPE = 'audit'
export const ATTENTION_SCOPE = 'attention'
export const sessionScope = (sessionId: string) => `session:${sessionId}`

const SETTLED = ['done', 'failed', 'indeterminate'] as const satisfies readonly Receipt['state'][]

/** @throws TypeError when a value is not JSON (a cycle, a bigint). */
export function encodeChange(change: Change): Entry[] {
  switch (change.kind) {
    case 'session': {
      const { summary, rolloutPath, codexHome, wanted, untold, isolation, nextSeq } = change.session
      const { id, threadId, archived, cwd, createdAt, updatedAt, parentThreadId } = summary
      const cells = operation('putSession', [
        id,
        threadId,
        archived ? 1 : 0,
        cwd,
        createdAt,
        updatedAt,
        JSON.stringify(summary),
        rolloutPath,
        codexHome,
        JSON.stringify(wanted),
        nextSeq.turn,
        nextSeq.item,
        parentThreadId,
        isolation,
        JSON.stringify(untold),
      ])
      const release = threadId === null ? [] : operation('releaseThread', [threadId, id])
      return [entry(`session ${id}`, [sessionScope(id), LIST_SCOPE], [...release, ...cells])]
    }
    case 'sessionRemoved': {
      const id = [change.sessionId]
      const cells = [
        ...operation('deleteSession', id),
        ...operation('deleteDetails', id),
        ...operation('deleteTurns', id),
        ...operation('deleteItems', id),
        ...operation('deleteApprovals', id),
        ...operation('deleteRollouts', id),
        // Not the open one: it is of the command that removes the session.
        ...SETTLED.flatMap((state) => operation('deleteReceipts', [change.sessionId, state])),
        ...queueRemoved(change.sessionId),
      ]
      const scopes = [sessionScope(change.sessionId), LIST_SCOPE, QUEUE_SCOPE]
      return [entry(`removed ${change.sessionId}`, scopes, cells, true)]
    }
    case 'details': {
      const { plan, diff, unifiedDiff, warnings } = change.details
      const cells = [change.sessionId, json(plan), json(diff), unifiedDiff, JSON.stringify(warnings)]
      return [
        entry(
          `details ${change.sessionId}`,
          [sessionScope(change.sessionId)],
          operation('putDetails', cells),
        ),
      ]
    }
    case 'turn': {
      const { id, seq, status } = change.turn
      const cells = [change.sessionId, id, seq, status, JSON.stringify(change.turn)]
      return [
        entry(turnKey(change.sessionId, id), [sessionScope(change.sessionId)], operation('putTurn', cells)),
      ]
    }
    case 'item': {
      const { id, turnId, seq, type, status, startedAt, completedAt, body, ...rest } = change.item
      const cells = [
        change.sessionId,
        id,
        seq,
        turnId,
        type,
        status,
        startedAt,
        completedAt,
        Object.keys(rest).length === 0 ? null : JSON.stringify(rest),
        JSON.stringify(body),
      ]
      return [
        entry(itemKey(change.sessionId, id), [sessionScope(change.sessionId)], operation('putItem', cells)),
      ]
    }
    case 'removed': {
      const { sessionId } = change
      const scope = [sessionScope(sessionId)]
      // Under the keys of what they remove: whatever is written last about an item or turn wins.
      // A turn takes its items along, those included that were written just before: hence the barrier.
      return [
        ...change.turnIds.map((id) =>
          entry(turnKey(sessionId, id), scope, operation('deleteTurn', [sessionId, id])),
        ),
        ...change.turnIds.map((id) =>
          entry(
            `items of ${turnKey(sessionId, id)}`,
            scope,
            operation('deleteTurnItems', [sessionId, id]),
            true,
          ),
        ),
        ...change.itemIds.map((id) =>
          entry(itemKey(sessionId, id), scope, operation('deleteItem', [sessionId, id])),
        ),
      ]
    }
    case 'approval': {
      const { id, state, kind, requestedAt, outcome } = change.approval
      const cells = [
        change.sessionId,
        id,
        state,
        kind,
        requestedAt,
        outcome?.choice ?? null,
        outcome?.by?.clientId ?? null,
        outcome?.by?.name ?? null,
        outcome?.at ?? null,
        outcome?.waitedMs ?? null,
        JSON.stringify(change.approval),
      ]
      const key = `approval ${change.sessionId} ${id}`
      return [entry(key, [sessionScope(change.sessionId)], operation('putApproval', cells))]
    }
    case 'receipt': {
      const { commandId, method, paramsHash, clientId, sessionId, state, answer, at } = change.receipt
      const cells = [commandId, method, paramsHash, clientId, sessionId, state, json(answer), at]
      return [entry(`receipt ${commandId}`, [RECEIPT_SCOPE], operation('putReceipt', cells))]
    }
    case 'process': {
      const { id, pid, startToken, socketPath, sessionId, hubId, codexPath } = change.process
      const { codexVersion, codexHome, startedAt, sharedBy, warden } = change.process
      const cells = [id, pid, startToken, socketPath, sessionId, hubId, codexPath, codexVersion, codexHome]
      const later = [startedAt, sharedBy, warden?.pid ?? null, warden?.startToken ?? null]
      return [entry(`process ${id}`, [PROCESS_SCOPE], operation('putProcess', [...cells, ...later]))]
    }
    case 'rollout': {
      const { threadId, sessionId, codexHome, stamp, readStamp, readState } = change.rollout
      const cells = [threadId, sessionId, codexHome, stamp, readStamp]
      return [
        readState === undefined
          ? entry(`rollout ${threadId}`, [ROLLOUT_SCOPE], operation('putRollout', cells))
          : entry(
              `rollout read ${threadId}`,
              [ROLLOUT_SCOPE],
              operation('putReadState', [...cells, json(readState)]),
            ),
      ]
    }
    case 'queue':
    case 'queueEntry':
    case 'queuePrompt':
    case 'queueEntryGone':
      return encodeQueueChange(change)
    case 'agent': {
      const { name, grants, tokenDigest, createdAt, revokedAt } = change.agent
      const cells = [name, JSON.stringify(grants), tokenDigest, createdAt, revokedAt]
      return [entry(`agent ${name}`, [AGENT_SCOPE], operation('putAgent', cells))]
    }
    case 'audit': {
      const { id, at, agent, tool, sessionId, callerSessionId, outcome, error, tookMs } = change.row
      const cells = [id, at, agent, tool, sessionId, callerSessionId, outcome, error, tookMs]
      return [entry(`audit ${id}`, [AUDIT_SCOPE], operation('putAudit', cells))]
    }
    case 'attention': {
      const { key, raisedAt } = change.entry
      const cells = operation('putAttention', [key, raisedAt, json(change.entry)])
      return [entry(`attention ${key}`, [ATTENTION_SCOPE], cells)]
    }
    case 'attentionGone': {
      const cells = operation('deleteAttention', [change.key])
      return [entry(`attention ${change.key}`, [ATTENTION_SCOPE], cells)]
    }
    case 'rolloutGone':
      return [
        entry(`rollout ${change.threadId}`, [ROLLOUT_SCOPE], operation('deleteRollout', [change.threadId])),
      ]
    case 'historyRemoved': {
      const id = [change.sessionId]
      const cells = [...operation('deleteTurns', id), ...operation('deleteItems', id)]
      return [entry(`history ${change.sessionId}`, [sessionScope(change.sessionId)], cells, true)]
    }
    case 'threadDropped': {
      const { threadId, codexHome, droppedAt } = change.dropped
      const cells = operation('putDropped', [threadId, codexHome, droppedAt])
      return [entry(`dropped ${threadId}`, [DROPPED_SCOPE], cells)]
    }
    case 'threadTaken': {
      const cells = operation('deleteDropped', [change.threadId])
      return [entry(`dropped ${change.threadId}`, [DROPPED_SCOPE], cells)]
    }
    case 'processGone':
      return [entry(`process ${change.id}`, [PROCESS_SCOPE], operation('deleteProcess', [change.id]))]
  }
}

const turnKey = (sessionId: string, id: string) => `turn ${sessionId} ${id}`
const itemKey = (sessionId: string, id: string) => `item ${sessionId} ${id}`
