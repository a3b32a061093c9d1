/**
 * Files that clients bring, piece by piece, until they are imported: in a folder of their own, bounded in number, size and
 * time. What a hub left there when it ended is removed by the next one.
 */
import { type FileHandle, mkdir, open, readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Clock, Timer } from '../../base/clock.ts'
import { HubError } from '../../protocol/errors.ts'

const MAX_BYTES = 4 * 1024 ** 3
const MAX_OPEN = 8
const IDLE_MS = 10 * 60_000
/** Written while a file becomes a session, so that the next hub knows what to take back. */
const MARK = '.importing'

interface Upload {
  readonly path: string
  readonly handle: FileHandle
  length: number
  bytes: number
  timer: Timer
  /** One piece after the other. */
  work: Promise<unknown>
}

export class Uploads {
  readonly #folder: string
  readonly #clock: Clock
  readonly #uploads = new Map<string, Upload>()

  constructor(folder: string, clock: Clock) {
    this.#folder = join(folder, 'imports')
    this.#clock = clock
  }

  /** Remove what is left of an earlier hub. @returns the ids of sessions whose import it did not end */
  async clean(): Promise<string[]> {
    const names = await readdir(this.#folder).catch(() => [])
    await rm(this.#folder, { recursive: true, force: true })
    return names.filter((name) => name.endsWith(MARK)).map((name) => name.slice(0, -MARK.length))
  }

  /** Add a piece. @returns the length so far @throws HubError */
  async add(uploadId: string, offset: number, text: string): Promise<number> {
    const upload = offset === 0 ? await this.#begin(uploadId) : this.#get(uploadId)
    const adding = upload.work.then(() => this.#append(uploadId, upload, offset, text))
    upload.work = adding.catch(() => {})
    return adding
  }

  /** Run with the whole file, which is gone afterwards. @throws HubError `notFound` */
  async use<T>(uploadId: string, run: (path: string) => Promise<T>): Promise<T> {
    const upload = this.#get(uploadId)
    await upload.work
    upload.timer.cancel()
    try {
      return await run(upload.path)
    } finally {
      await this.#drop(uploadId)
    }
  }

  /** Until this resolves with what is returned, a session is half there. */
  async mark(sessionId: string): Promise<() => Promise<void>> {
    const path = join(this.#folder, `${sessionId}${MARK}`)
    await (await open(path, 'w', 0o600)).close()
    return () => rm(path, { force: true })
  }

  async close(): Promise<void> {
    await Promise.all([...this.#uploads.keys()].map((id) => this.#drop(id)))
  }

  async #begin(uploadId: string): Promise<Upload> {
    await this.#drop(uploadId)
    if (this.#uploads.size >= MAX_OPEN) {
      throw new HubError('overloaded', 'Too many files are being imported; try again when one is done.')
    }
    await mkdir(this.#folder, { recursive: true, mode: 0o700 })
    const path = join(this.#folder, `${uploadId}.part`)
    const handle = await open(path, 'w', 0o600)
    const upload = { path, handle, length: 0, bytes: 0, timer: this.#arm(uploadId), work: Promise.resolve() }
    this.#uploads.set(uploadId, upload)
    return upload
  }

  #arm(uploadId: string): Timer {
    return this.#clock.after(IDLE_MS, () => void this.#drop(uploadId))
  }

  /** @throws HubError `notFound` */
  #get(uploadId: string): Upload {
    const upload = this.#uploads.get(uploadId)
    if (upload) return upload
    throw new HubError(
      'notFound',
      `The hub has no file ${uploadId} (any more); send it from its beginning.`,
      { uploadId },
    )
  }

  async #append(uploadId: string, upload: Upload, offset: number, text: string): Promise<number> {
    upload.timer.cancel()
    upload.timer = this.#arm(uploadId)
    // Sent again because its answer did not arrive.
    if (offset + text.length === upload.length && text !== '') return upload.length
    if (offset !== upload.length || !text.isWellFormed()) {
      throw new HubError(
        'invalidParams',
        `The file is ${upload.length} long here; the next piece begins there.`,
        {
          length: upload.length,
        },
      )
    }
    const bytes = Buffer.from(text)
    if (upload.bytes + bytes.length > MAX_BYTES) {
      await this.#drop(uploadId)
      throw new HubError('invalidFile', `No file of more than ${MAX_BYTES} bytes is imported.`, {
        reason: 'tooLarge',
      })
    }
    await upload.handle.write(bytes)
    upload.length += text.length
    upload.bytes += bytes.length
    return upload.length
  }

  async #drop(uploadId: string): Promise<void> {
    const upload = this.#uploads.get(uploadId)
    if (!upload) return
    this.#uploads.delete(uploadId)
    upload.timer.cancel()
    await upload.handle.close().catch(() => {})
    // What cannot be removed now is removed at the next start.
    await rm(upload.path, { force: true }).catch(() => {})
  }
}
