/** The parent's side of `programs/audience.ts`: seats clients, and tells when all of them have heard an answer. */
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import type { AudienceOrder, AudienceReport, Seat } from '../programs/audience.ts'

export type Heard = Extract<AudienceReport, { kind: 'heard' }>

export class Audience {
  readonly #child: ChildProcess

  constructor() {
    this.#child = fork(join(import.meta.dirname, '../programs/audience.ts'), { serialization: 'advanced' })
  }

  async join(seat: Seat, count: number): Promise<void> {
    const answer = this.#next('joined')
    this.#order({ kind: 'join', seat, count })
    await answer
  }

  /** Resolves once every client has heard one more answer. */
  expect(text: string | null): Promise<Heard> {
    const answer = this.#next('heard')
    this.#order({ kind: 'expect', text })
    return answer
  }

  async close(): Promise<void> {
    if (this.#child.exitCode !== null) return
    const ended = once(this.#child, 'exit')
    this.#child.disconnect()
    await ended
  }

  #order(order: AudienceOrder): void {
    this.#child.send(order)
  }

  #next<K extends AudienceReport['kind']>(kind: K): Promise<Extract<AudienceReport, { kind: K }>> {
    const { promise, resolve, reject } = Promise.withResolvers<Extract<AudienceReport, { kind: K }>>()
    const onExit = (code: number | null) => reject(new Error(`The audience ended with ${code}.`))
    const onMessage = (report: AudienceReport) => {
      if (report.kind !== kind) return
      this.#child.off('message', onMessage).off('exit', onExit)
      resolve(report as Extract<AudienceReport, { kind: K }>)
    }
    this.#child.on('message', onMessage).on('exit', onExit)
    return promise
  }
}
