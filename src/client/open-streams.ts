/**
 * All streams of a client that are open, on whatever link there is. It attaches each to the link, takes leave of the hub
 * when one is dropped, and says when all are synchronized. It knows nothing of what they show.
 */
import type { Clock } from '../base/clock.ts'
import { Backoff } from './backoff.ts'
import { HeldStream } from './held-stream.ts'
import type { Link } from './link.ts'
import type { Readable } from './observable.ts'
import { Stream, type StreamOptions } from './stream.ts'

export interface OpenStreamsOptions {
  readonly clock: Clock
  readonly random: () => number
  caughtUp(): void
  fellBehind(): void
}

/** Where a stream comes from, where what it shows goes, and how it is taken leave of. */
export interface Source<State, Delta, View>
  extends Pick<StreamOptions<State, Delta>, 'empty' | 'fold' | 'ask' | 'changed'> {
  readonly view: Readable<View>
  unsubscribe(link: Link): Promise<unknown>
  /** Nobody holds it any more. */
  forget(): void
}

type AnyStream = Pick<Stream<unknown, never>, 'attach' | 'detach' | 'verify' | 'isSettled' | 'view'>

export class OpenStreams {
  readonly #options: OpenStreamsOptions
  readonly #streams = new Set<AnyStream>()
  #link: Link | null = null

  constructor(options: OpenStreamsOptions) {
    this.#options = options
  }

  up(link: Link): void {
    this.#link = link
    for (const stream of this.#streams) stream.attach(link)
    this.#settle()
  }

  down(): void {
    this.#link = null
    for (const stream of this.#streams) stream.detach()
  }

  /** Compare every open stream's cursor with the hub's. */
  verify(): void {
    for (const stream of this.#streams) stream.verify()
  }

  open<State, Delta, View>(source: Source<State, Delta, View>): HeldStream<State, Delta, View> {
    const { clock, random } = this.#options
    const { empty, fold, ask, changed } = source
    const backoff = new Backoff(random)
    const stream = new Stream({ clock, backoff, empty, fold, ask, changed, settled: () => this.#settle() })
    this.#streams.add(stream)
    if (this.#link) stream.attach(this.#link)
    return new HeldStream(stream, source.view, () => {
      source.forget()
      this.#drop(stream, source)
    })
  }

  #drop(stream: AnyStream, { unsubscribe }: Pick<Source<unknown, never, unknown>, 'unsubscribe'>): void {
    const link = this.#link
    this.#streams.delete(stream)
    stream.detach()
    // A hub that does not know the subscription any more has nothing to end.
    if (link) unsubscribe(link).catch(() => {})
    this.#settle()
  }

  #settle(): void {
    if (!this.#link) return
    const unsettled = [...this.#streams].filter((stream) => !stream.isSettled)
    if (unsettled.length === 0) this.#options.caughtUp()
    // *This is deliberate*: a stream that loads for the first time shows nothing old, and opening a session on a
    // live connection does not make the connection less live.
    else if (unsettled.some((stream) => stream.view.state !== null)) this.#options.fellBehind()
  }
}
