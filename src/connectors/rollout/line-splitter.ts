/**
 * Cuts bytes into LF-terminated lines. A line without its LF is kept as bytes (a character may be half there); one that
 * grows past the limit is dropped as it comes and counted, so memory stays bounded whatever a file contains.
 */

const LF = 10

/** Longest line that is read; Codex itself writes images and tool outputs of many MB into one. */
export const MAX_LINE_BYTES = 64 * 1024 * 1024

export interface LineSink {
  /** @param bytes without its LF; only valid during the call. @param lineBytes with its LF, as they stand in the file */
  line(bytes: Buffer, lineBytes: number): void
  /** A line longer than the limit ended. */
  tooLong(lineBytes: number): void
}

export class LineSplitter {
  readonly #maxLineBytes: number
  #partial: Buffer[] = []
  #partialBytes = 0
  /** Bytes of the current line that were dropped; 0 while it is kept. */
  #droppedBytes: number

  constructor(maxLineBytes: number, droppedBytes = 0) {
    this.#maxLineBytes = maxLineBytes
    this.#droppedBytes = droppedBytes
  }

  get droppedBytes(): number {
    return this.#droppedBytes
  }

  /** Bytes of the line that has not ended, kept here. */
  get partialBytes(): number {
    return this.#partialBytes
  }

  push(chunk: Buffer, sink: LineSink): void {
    let from = 0
    for (;;) {
      const end = chunk.indexOf(LF, from)
      if (end < 0) break
      this.#end(chunk.subarray(from, end), sink)
      from = end + 1
    }
    if (from < chunk.length) this.#keep(chunk.subarray(from))
  }

  #end(rest: Buffer, sink: LineSink): void {
    const kept = this.#partialBytes + rest.length
    const dropped = this.#droppedBytes
    const partial = this.#partial
    this.#partial = []
    this.#partialBytes = 0
    this.#droppedBytes = 0
    if (dropped > 0 || kept > this.#maxLineBytes) sink.tooLong(dropped + kept + 1)
    else sink.line(partial.length === 0 ? rest : Buffer.concat([...partial, rest], kept), kept + 1)
  }

  #keep(rest: Buffer): void {
    if (this.#droppedBytes === 0 && this.#partialBytes + rest.length <= this.#maxLineBytes) {
      // A copy: the chunk's memory is used again for the next read.
      this.#partial.push(Buffer.from(rest))
      this.#partialBytes += rest.length
      return
    }
    this.#droppedBytes += this.#partialBytes + rest.length
    this.#partial = []
    this.#partialBytes = 0
  }
}
