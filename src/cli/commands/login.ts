/** `codex-hub account login` and `mcp-servers --login`: a link for a person, and the end of it. */
import { text as readAll } from 'node:stream/consumers'
import type { Command } from 'commander'
import type { Job } from '../../protocol/job.ts'
import type { Context } from '../context.ts'
import { CliError, EXIT } from '../exit.ts'
import { openInBrowser } from '../page-link.ts'
import type { Run } from '../run.ts'
import { paint, safe } from '../text.ts'
import { watchJob } from '../watch/watch-job.ts'
import { type PlaceOptions, placeOf } from './place-options.ts'

interface LoginOptions extends PlaceOptions {
  readonly deviceCode?: boolean
  readonly apiKey?: boolean
  readonly open?: boolean
}

export function addLogin(account: Command, run: Run): void {
  account
    .command('login')
    .description('log Codex in: with the browser, with a code, or with an API key from the standard input')
    .option('-d, --device-code', 'in any browser, also on another machine')
    .option('-k, --api-key', 'with the key on the standard input')
    .option('-o, --open', 'open the link in the browser')
    .option('-H, --home <folder>', 'on this Codex home, one of "codex-hub adopt"')
    .addHelpText(
      'after',
      '\nExamples:\n  codex-hub account login --device-code\n  codex-hub account login --api-key < key.txt',
    )
    .action(
      run(async (context, options: LoginOptions) => {
        const { deviceCode, apiKey } = options
        if (deviceCode && apiKey)
          throw new CliError('Either --device-code or --api-key; not both.', EXIT.usage)
        const key = apiKey ? (await readAll(process.stdin)).trim() : undefined
        if (key === '') throw new CliError('The standard input holds no key.', EXIT.usage)
        const { job } = await context.command('account/login', {
          ...(await placeOf(context, options)),
          method: apiKey ? 'apiKey' : deviceCode ? 'deviceCode' : 'browser',
          ...(key === undefined ? {} : { apiKey: key }),
        })
        await followLogin(context, job, options.open === true)
      }),
    )
}

/** Show what a person does next, and wait until it is done; Ctrl-C gives it up. */
export async function followLogin(context: Context, job: Job, open: boolean): Promise<void> {
  const hub = await context.hub()
  if (context.isJson) console.log(JSON.stringify({ job }))
  else if (job.url !== null) {
    console.log(`${safe(job.title)}:\n  ${paint('bold', safe(job.url))}`)
    if (job.userCode !== null) console.log(`and enter the code ${paint('bold', safe(job.userCode))}`)
    console.log(paint('dim', 'Waiting for you; Ctrl-C gives it up.'))
  }
  if (open && job.url !== null) await openInBrowser(job.url)
  const end = await watchJob(hub, job.id, {
    json: context.isJson,
    interrupted: () => void hub.command('job/cancel', { jobId: job.id }).catch(() => {}),
  })
  if (context.isJson) console.log(JSON.stringify({ job: end }))
  if (end.status === 'completed') {
    if (!context.isJson) console.log('Logged in.')
    return
  }
  const why = end.status === 'cancelled' ? 'It was given up.' : (end.problem ?? 'Codex did not say why.')
  throw new CliError(`Not logged in: ${why}`, EXIT.failed, { job: end })
}
