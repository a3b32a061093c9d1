/** The command line. Each command is a client like any other; only `serve`, `demo` and `doctor` reach into the hub. */
import { Command, CommanderError } from 'commander'
import { addAccount } from './commands/account.ts'
import { addAdoption } from './commands/adopt.ts'
import { addArchive } from './commands/archive.ts'
import { addAudit } from './commands/audit.ts'
import { addCatalog } from './commands/catalog.ts'
import { addCodexConfig } from './commands/codex-config.ts'
import { addCompact } from './commands/compact.ts'
import { addConfigure } from './commands/configure.ts'
import { addDecisions } from './commands/decide.ts'
import { addDelete } from './commands/delete.ts'
import { addDemo } from './commands/demo.ts'
import { addDoctor } from './commands/doctor.ts'
import { addExec } from './commands/exec.ts'
import { addExport } from './commands/export.ts'
import { addFiles } from './commands/files.ts'
import { addGoal } from './commands/goal.ts'
import { addLife } from './commands/life.ts'
import { addMcp } from './commands/mcp.ts'
import { addMcpServers } from './commands/mcp-servers.ts'
import { addModels } from './commands/models.ts'
import { addNew } from './commands/new.ts'
import { addOpen } from './commands/open.ts'
import { addPage } from './commands/page.ts'
import { addPlan } from './commands/plan.ts'
import { addQueue } from './commands/queue.ts'
import { addRevert } from './commands/revert.ts'
import { addReview } from './commands/review.ts'
import { addSearch } from './commands/search.ts'
import { addSend } from './commands/send.ts'
import { addServe } from './commands/serve.ts'
import { addSessions } from './commands/sessions.ts'
import { addSkills } from './commands/skills.ts'
import { addStatus } from './commands/status.ts'
import { addSteer } from './commands/steer.ts'
import { addStop } from './commands/stop.ts'
import { addTerminals } from './commands/terminals.ts'
import { addThreads } from './commands/threads.ts'
import { addWatch } from './commands/watch.ts'
import { addWorktree } from './commands/worktree.ts'
import { EXIT, EXIT_TEXT, report } from './exit.ts'
import { makeRun } from './run.ts'
import { safe } from './text.ts'
import { VERSION } from './version.ts'

const EXAMPLES = `
A session is named by its id, at least four characters from the beginning or end of it, its thread id, or its title.

Examples:
  codex-hub                               run the hub
  codex-hub page --open                   its page, in the browser
  codex-hub demo                          see it alive, with no account
  codex-hub new "Fix the tests" --watch   start a session
  codex-hub sessions                      what needs you comes first
  codex-hub approve <session>             allow what it asks for
  codex-hub --json sessions | jq          for programs

${EXIT_TEXT}`

// A reader that has seen enough (`| head`) is no failure. What waits for Ctrl-C is asked to stop as by it: it may have
// something to cancel. Every further write fails as well.
let isReaderGone = false
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error
  if (isReaderGone) return
  isReaderGone = true
  if (!process.emit('SIGINT', 'SIGINT')) process.exit(EXIT.ok)
})

const isJson = process.argv.includes('--json')
const program = new Command('codex-hub')
  .description('A local control plane for Codex sessions: one hub, any number of clients in step with it.')
  .version(VERSION)
  .option('--json', 'print JSON: one document, or one a line for what goes on; failures too')
  .option('--url <url>', 'the hub (default: CODEX_HUB_URL, or the one of the data folder CODEX_HUB_HOME)')
  .option('--token <token>', 'its token (default: CODEX_HUB_TOKEN, or the one in its data folder)')
  .addHelpText('after', EXAMPLES)
  .exitOverride()
  .configureHelp({ showGlobalOptions: true })
  // With --json a wrong usage is told once, as JSON, below.
  .configureOutput({ writeErr: (text) => void (isJson || process.stderr.write(text)) })

const run = makeRun(program)
addServe(program, run)
addDemo(program, run)
addPage(program, run)
addSessions(program, run)
addSearch(program, run)
addThreads(program, run)
addAdoption(program, run)
addNew(program, run)
addSend(program, run)
addQueue(program, run)
addSteer(program, run)
addCompact(program, run)
addReview(program, run)
addRevert(program, run)
addArchive(program, run)
addWorktree(program, run)
addDelete(program, run)
addWatch(program, run)
addDecisions(program, run)
addLife(program, run)
addConfigure(program, run)
addOpen(program, run)
addExport(program, run)
addModels(program, run)
addMcp(program, run)
addAudit(program, run)
addMcpServers(program, run)
addSkills(program, run)
addCatalog(program, run)
addCodexConfig(program, run)
addAccount(program, run)
addExec(program, run)
addFiles(program, run)
addGoal(program, run)
addPlan(program, run)
addTerminals(program, run)
addStatus(program, run)
addDoctor(program, run)
addStop(program, run)

try {
  // Else it would be an argument too many of the default command, and the person none the wiser.
  const [named] = program.parseOptions(process.argv.slice(2)).operands
  if (named !== undefined && !isCommand(named)) {
    program.error(`error: there is no command "${safe(named)}"; "codex-hub --help" lists them`)
  }
  await program.parseAsync()
} catch (error) {
  if (!(error instanceof CommanderError)) process.exitCode = report(error, isJson)
  else {
    process.exitCode = error.exitCode === 0 ? EXIT.ok : EXIT.usage
    if (isJson && error.exitCode !== 0)
      console.error(JSON.stringify({ error: { message: error.message, exitCode: EXIT.usage } }))
  }
}
function isCommand(name: string): boolean {
  return (
    name === 'help' || program.commands.some((each) => each.name() === name || each.aliases().includes(name))
  )
}

// What was written must be out, and a library's idle timer must not keep the terminal waiting.
await new Promise<void>((resolve) => process.stdout.write('', () => resolve()))
process.exit()
