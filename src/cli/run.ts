/** Joins commands to the command line: gives each its context, and takes the context down afterwards. */
import { type Command, InvalidArgumentError } from 'commander'
import { Context, type GlobalOptions } from './context.ts'

export type Run = <Options extends object, Args extends unknown[]>(
  action: (context: Context, options: Options, ...args: Args) => Promise<void>,
) => (...given: unknown[]) => Promise<void>

export function makeRun(program: Command): Run {
  return (action) => {
    return async (...given) => {
      const command = given.at(-1) as Command
      const context = new Context(program.opts<GlobalOptions>())
      const args = given.slice(0, -2) as Parameters<typeof action> extends [Context, object, ...infer Rest]
        ? Rest
        : never
      try {
        await action(context, command.opts() as never, ...(args as never))
      } finally {
        context.close()
      }
    }
  }
}

/** A whole number from `least` to `most`. */
export function wholeNumber(most: number, least = 0): (text: string) => number {
  return (text) => {
    const value = Number(text)
    if (/^\d+$/.test(text) && value >= least && value <= most) return value
    throw new InvalidArgumentError(`A whole number from ${least} to ${most} is expected.`)
  }
}

/** @throws InvalidArgumentError when nothing is in it */
export function notEmpty(text: string): string {
  if (text.trim() !== '') return text
  throw new InvalidArgumentError('It is empty.')
}

/** Like `collect`, of the values there are. */
export function collectOneOf(
  choices: readonly string[],
): (value: string, before?: readonly string[]) => string[] {
  return (value, before) => {
    if (choices.includes(value)) return collect(value, before)
    throw new InvalidArgumentError(`One of ${choices.join(', ')} is expected.`)
  }
}

/** For an option that may be given several times; it must not swallow the arguments after it. */
export function collect(value: string, before: readonly string[] = []): string[] {
  return [...before, value]
}
