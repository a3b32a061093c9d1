/** A program of the bench in a process of its own: one order, one report. */
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'

export class Program<Order extends object, Report extends { readonly kind: string }> {
  readonly #name: string
  readonly #child: ChildProcess

  /** @param name a file in `bench/programs`, without its ending @param execArgv flags of Node */
  constructor(name: string, execArgv: readonly string[] = []) {
    this.#name = name
    const file = join(import.meta.dirname, `../programs/${name}.ts`)
    this.#child = fork(file, { serialization: 'advanced', execArgv: [...execArgv] })
  }

  get pid(): number {
    return this.#child.pid ?? 0
  }

  /** Resolves with the next report of that kind. Rejects when the program ends first. */
  ask<K extends Report['kind']>(order: Order, kind: K): Promise<Extract<Report, { kind: K }>> {
    const { promise, resolve, reject } = Promise.withResolvers<Extract<Report, { kind: K }>>()
    const onExit = (code: number | null) => reject(new Error(`${this.#name} ended with ${code}.`))
    const onMessage = (report: Report) => {
      if (report.kind !== kind) return
      this.#child.off('message', onMessage).off('exit', onExit)
      resolve(report as Extract<Report, { kind: K }>)
    }
    this.#child.on('message', onMessage).on('exit', onExit)
    this.#child.send(order)
    return promise
  }

  async close(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return
    const ended = once(this.#child, 'exit')
    this.#child.disconnect()
    await ended
  }
}
