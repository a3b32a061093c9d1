/** What every bench is, so that the runner can run them all alike. */
import type { Outcome } from './report/outcome.ts'

export interface BenchOptions {
  /** How often to measure what is measured in a few seconds. */
  readonly rounds: number
  /** The quick form, for trying things: less of everything. */
  readonly isShort: boolean
  /** The form that takes an hour, for a night: years of history, half an hour of soak. */
  readonly isLong: boolean
  /** Which hub is measured: compiled, as users run it, or from source. */
  readonly build: 'compiled' | 'source'
  /** One line of progress. */
  say(line: string): void
}

export interface Bench {
  readonly name: string
  readonly title: string
  /** What is measured, and against what. */
  readonly about: string
  run(options: BenchOptions): Promise<Outcome>
}
