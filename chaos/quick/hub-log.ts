/** The log of a hub of the round: all of it belongs to the timeline, and its errors are complaints while it lives. */
import type { Log } from '../../src/base/log.ts'
import type { Timeline } from '../timeline.ts'

export class HubLog {
  readonly face: Log
  /** It was killed: what it still says is heard by nobody. */
  isDead = false

  /** @param complaints takes what no hub should have to say */
  constructor(timeline: Timeline, complaints: string[]) {
    const logOf = (bound: object): Log => {
      const note = (fields: object, message: string): void =>
        timeline.note(`${this.isDead ? 'dead ' : ''}hub: ${message} ${told({ ...bound, ...fields }, 1)}`)
      return {
        debug: () => {},
        info: note,
        warn: note,
        error: (fields, message) => {
          note(fields, message)
          if (!this.isDead && !isAboutTheDisk(message)) complaints.push(`${message}: ${told(fields)}`)
        },
        child: (fields) => logOf({ ...bound, ...fields }),
      }
    }
    this.face = logOf({})
  }
}

const isAboutTheDisk = (message: string): boolean => /store|disk|database|sqlite/i.test(message)

/** The fields of a log line, with as much of an error's stack as is asked for. */
export function told(fields: object, stackLines = 30): string {
  const { err, error = err, ...rest } = fields as { err?: unknown; error?: unknown }
  const stack = error instanceof Error ? error.stack?.split('\n').slice(0, stackLines).join('\n') : error
  return `${JSON.stringify(rest)} ${stack ?? ''}`.slice(0, 1_500)
}
