/** `codex-hub exec`: a command in Codex's sandbox; and `jobs`: what runs outside of sessions. */
import { resolve } from 'node:path'
import { type Command, Option } from 'commander'
import type { HubClient } from '../../client/client.ts'
import type { Job } from '../../protocol/job.ts'
import type { SettingsRequest } from '../../protocol/settings.ts'
import type { Context } from '../context.ts'
import { CliError, EXIT } from '../exit.ts'
import { type Run, wholeNumber } from '../run.ts'
import { ago, oneLine, paint, safe, table } from '../text.ts'
import { watchJob } from '../watch/watch-job.ts'
import { type PlaceOptions, placeOf, withPlace } from './place-options.ts'

interface ExecOptions extends PlaceOptions {
  readonly cwd?: string
  readonly sandbox?: NonNullable<SettingsRequest['sandbox']>
  readonly timeout?: number
  readonly stdin?: boolean
}

/** As a shell tells of a command that Ctrl-C ended. */
const INTERRUPTED = 130

export function addExec(program: Command, run: Run): void {
  withPlace(program.command('exec <command...>'))
    .description("run a command in Codex's sandbox, with no session; its exit code is passed on")
    .option('-C, --cwd <folder>', "where (default: the session's folder, or this one)")
    .addOption(
      new Option('-s, --sandbox <mode>', 'what it may touch').choices([
        'read-only',
        'workspace-write',
        'danger-full-access',
      ]),
    )
    .option('-t, --timeout <seconds>', 'end it after so long', wholeNumber(86_400))
    .option('-i, --stdin', 'give it the standard input')
    .addHelpText(
      'after',
      '\nExamples:\n  codex-hub exec --sandbox read-only -- npm test\n  codex-hub exec --session Tests -- git status',
    )
    .action(
      run(async (context, options: ExecOptions, command: string[]) => {
        const { cwd, sandbox, timeout, stdin = false, session } = options
        const folder = cwd ?? (session === undefined ? '.' : undefined)
        const { job } = await context.command('exec/start', {
          ...(await placeOf(context, options)),
          command,
          stdin,
          ...(folder === undefined ? {} : { cwd: resolve(folder) }),
          ...(sandbox === undefined ? {} : { sandbox }),
          ...(timeout === undefined ? {} : { timeoutMs: timeout * 1_000 }),
        })
        await follow(context, job, stdin)
      }),
    )
  program
    .command('jobs')
    .description('what Codex does outside of sessions: quick commands and logins')
    .option('--cancel <job>', 'end one')
    .addHelpText('after', '\nExamples:\n  codex-hub jobs\n  codex-hub jobs --cancel job_019c3f55')
    .action(
      run(async (context, { cancel }: { cancel?: string }) => {
        const { jobs } = await (await context.hub()).request('job/list', {})
        if (cancel === undefined) {
          context.print(jobs, () => jobsText(jobs))
          return
        }
        const found = jobs.filter(({ id }) => id === cancel || id.endsWith(cancel))
        const [one] = found
        if (!one || found.length > 1) throw new CliError(`No job is called "${safe(cancel)}".`, EXIT.failed)
        const { job } = await context.command('job/cancel', { jobId: one.id })
        context.print(job, () => `${safe(job.title)} is ${job.status}.`)
      }),
    )
}

async function follow(context: Context, { id, capabilities }: Job, stdin: boolean): Promise<void> {
  const hub = await context.hub()
  let isInterrupted = false
  if (stdin && capabilities.includes('exec/write')) pipeInput(hub, id)
  const job = await watchJob(hub, id, {
    json: context.isJson,
    write: (stream, text) => void process[stream].write(text),
    interrupted: () => {
      isInterrupted = true
      // It may have ended meanwhile; what became of it is told either way.
      hub.command('job/cancel', { jobId: id }).catch(() => {})
    },
  })
  if (context.isJson) console.log(JSON.stringify({ job }))
  if (job.status === 'failed') throw new CliError(job.problem ?? 'The command failed.', EXIT.failed, { job })
  process.exitCode = isInterrupted ? INTERRUPTED : (job.exitCode ?? EXIT.failed)
}

/** In the order in which it comes; what is left when the command ends is nobody's. */
function pipeInput(hub: HubClient, jobId: string): void {
  let last: Promise<unknown> = Promise.resolve()
  const write = (more: { text?: string; close?: boolean }): void => {
    last = last.then(() => hub.command('exec/write', { jobId, ...more })).catch(() => {})
  }
  process.stdin.setEncoding('utf8')
  process.stdin.on('data', (text: string) => write({ text }))
  process.stdin.on('end', () => write({ close: true }))
}

function jobsText(jobs: readonly Job[]): string {
  if (jobs.length === 0) return 'No jobs.'
  return table(
    jobs.map(({ id, status, title, startedAt, exitCode }) => [
      id.slice(-8),
      status === 'running' ? paint('green', status) : status,
      exitCode === null ? '' : String(exitCode),
      ago(startedAt),
      oneLine(title, 80),
    ]),
  )
}
