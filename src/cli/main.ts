#!/usr/bin/env node
/** The command line. Each command is a client like any other; only `serve`, `demo` and `doctor` reach into the hub. */
import { Command, CommanderError } from 'commander'
import { addAbout } from './commands/about.ts'
import { addActions } from './commands/act.ts'
import { addDemo } from './commands/demo.ts'
import { addDoctor } from './commands/doctor.ts'
import { addServe } from './commands/serve.ts'
import { addSessions } from './commands/sessions.ts'
import { addWatch } from './commands/watch.ts'
import { Context, type GlobalOptions } from './context.ts'
import { EXIT, EXIT_TEXT, report } from './exit.ts'
import { VERSION } from './version.ts'

/** Gives a command its context, and takes the context down afterwards. */
export type Run = <Options extends object, Args extends unknown[]>(
  action: (context: Context, options: Options, ...args: Args) => Promise<void>,
) => (...given: unknown[]) => Promise<void>

const program = new Command('codex-hub')
  .description('A local control plane for Codex sessions: one hub, any number of clients in step with it.')
  .version(VERSION)
  .option('--json', 'print JSON; failures too')
  .option('--url <url>', 'the hub (default: the one on CODEX_HUB_HOME)')
  .option('--token <token>', 'its token (default: the one in its data folder)')
  .addHelpText(
    'after',
    `\nExamples:\n  codex-hub                                   run the hub\n  codex-hub demo                              see it alive, with no account\n  codex-hub new "Fix the tests" --watch       start a session\n  codex-hub approve <session>                 allow what it asks for\n\n${EXIT_TEXT}`,
  )
  .exitOverride()
  .configureHelp({ showGlobalOptions: true })

const run: Run = (action) => {
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

addServe(program)
addDemo(program)
addSessions(program, run)
addActions(program, run)
addWatch(program, run)
addAbout(program, run)
addDoctor(program, run)

try {
  await program.parseAsync()
} catch (error) {
  if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? EXIT.ok : EXIT.usage
  else process.exitCode = report(error, program.opts<GlobalOptions>().json === true)
}
// Connections are closed; a library's idle timer must not keep the terminal waiting.
process.exit()
