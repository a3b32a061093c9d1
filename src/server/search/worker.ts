/**
 * Reads rollouts for the index of search, on a thread of its own: parsing gigabytes must cost the sessions that live
 * nothing. One rollout at a time, in pieces; the next piece is read when the last one is stored. It keeps nothing and
 * writes nothing.
 */
import { setPriority } from 'node:os'
import { setTimeout as delay } from 'node:timers/promises'
import { parentPort } from 'node:worker_threads'
import type { SessionEvent } from '../../connectors/event.ts'
import { type ReadState, RolloutReader } from '../../connectors/rollout/reader.ts'
import type { RolloutText } from '../../persistence/search/index-texts.ts'
import { searchedText } from '../../persistence/search/words.ts'
import type { Piece, ReadMessage, WorkerMessage } from './messages.ts'

if (!parentPort) throw new Error('worker.ts runs as a worker thread of the search.')
const port = parentPort

/** A piece ends with so much text, or so much that was read for it. UTF-16 units; bytes. */
const PIECE_UNITS = 64 * 1024
const PIECE_BYTES = 16 * 1024 * 1024
const BATCH_BYTES = 128 * 1024
/** A prompt with images is one line of many MB; past this its words are not worth the memory. */
const MAX_LINE_BYTES = 16 * 1024 * 1024
/** For each moment of reading as long a rest: half of one core at most. */
const REST = 1

// On Linux this is the priority of the calling thread alone; elsewhere it would be that of the whole hub.
if (process.platform === 'linux') setPriority(0, 10)

let answered: (goesOn: boolean) => void = () => {}

port.on('message', (message: ReadMessage | { kind: 'stored'; goesOn: boolean }) => {
  if (message.kind === 'stored') answered(message.goesOn)
  else void readSafely(message)
})

async function readSafely(message: ReadMessage): Promise<void> {
  try {
    await read(message)
    tell({ kind: 'done' })
  } catch (error) {
    tell({ kind: 'failed', message: error instanceof Error ? error.message : String(error) })
  }
}

async function read({ paths, state }: ReadMessage): Promise<void> {
  const options = { batchBytes: BATCH_BYTES, maxLineBytes: MAX_LINE_BYTES }
  const reader = new RolloutReader(paths, state as ReadState | null, options)
  let piece = new Gathering(state === null)
  try {
    for (;;) {
      const began = performance.now()
      const batch = await reader.read()
      if (batch.restarted) piece = new Gathering(true)
      piece.add(batch.events, batch.state.parser.lastAt, batch.bytes)
      if (batch.atEnd || piece.isFull) {
        const goesOn = await stored(piece.toPiece(batch.atEnd ? null : batch.state))
        if (batch.atEnd || !goesOn) return
        piece = new Gathering(false)
      }
      await delay((performance.now() - began) * REST)
    }
  } finally {
    await reader.close()
  }
}

function stored(piece: Piece): Promise<boolean> {
  return new Promise((resolve) => {
    answered = resolve
    tell({ kind: 'piece', piece })
  })
}

const tell = (message: WorkerMessage): void => port.postMessage(message)

class Gathering {
  readonly #startsOver: boolean
  readonly #texts = new Map<string, RolloutText>()
  readonly #removed: string[] = []
  #units = 0
  #bytes = 0

  constructor(startsOver: boolean) {
    this.#startsOver = startsOver
  }

  get isFull(): boolean {
    return this.#units >= PIECE_UNITS || this.#bytes >= PIECE_BYTES
  }

  add(events: readonly SessionEvent[], at: number | null, bytes: number): void {
    this.#bytes += bytes
    for (const event of events) {
      if (event.type === 'item') this.#put(event, at ?? 0)
      else if (event.type === 'removed') this.#remove(event.turnIds)
    }
  }

  toPiece(state: ReadState | null): Piece {
    return {
      startsOver: this.#startsOver,
      texts: [...this.#texts.values()],
      removedTurnIds: this.#removed,
      readState: state === null ? null : JSON.stringify(state),
    }
  }

  #put({ turnId, item }: Extract<SessionEvent, { type: 'item' }>, at: number): void {
    const { id: itemId, type } = item
    if ((type !== 'userMessage' && type !== 'agentMessage') || item.status === 'inProgress') return
    const text = searchedText(type, item.body)
    if (text === '') return
    this.#units += text.length
    const kind = type === 'userMessage' ? 'prompt' : 'message'
    this.#texts.set(itemId, { itemId, turnId, kind, at: item.completedAt ?? item.startedAt ?? at, text })
  }

  #remove(turnIds: readonly string[]): void {
    this.#removed.push(...turnIds)
    for (const { itemId, turnId } of this.#texts.values())
      if (turnIds.includes(turnId)) this.#texts.delete(itemId)
  }
}
