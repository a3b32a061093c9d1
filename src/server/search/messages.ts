/** What the search and its reading thread say to each other. */
import type { RolloutPiece } from '../../persistence/search/index-texts.ts'

/** Read a rollout. */
export interface ReadMessage {
  readonly kind: 'read'
  readonly paths: readonly string[]
  /** Where an earlier reading stood; null to read from the start. */
  readonly state: unknown
}

export type Piece = Pick<RolloutPiece, 'startsOver' | 'texts' | 'removedTurnIds' | 'readState'>

/** Each piece is answered with `{kind: 'stored', goesOn}`. */
export type WorkerMessage =
  | { readonly kind: 'piece'; readonly piece: Piece }
  | { readonly kind: 'done' }
  | { readonly kind: 'failed'; readonly message: string }
