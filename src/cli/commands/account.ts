/** `codex-hub account`: who Codex works for, and what may still be used. */
import type { Command } from 'commander'
import type { Account, LimitWindow, RateLimit } from '../../protocol/account.ts'
import type { Run } from '../run.ts'
import { paint, safe, table } from '../text.ts'
import { addLogin } from './login.ts'
import { ASK_MS, type PlaceOptions, placeOf, withPlace } from './place-options.ts'

export function addAccount(program: Command, run: Run): void {
  const account = program
    .command('account')
    .description('who Codex is logged in as, its limits and its usage')
    .addHelpText('after', '\nExamples:\n  codex-hub account status\n  codex-hub account limits')
  withPlace(account.command('status', { isDefault: true }))
    .description('who is logged in')
    .addHelpText('after', '\nExample:\n  codex-hub account')
    .action(
      run(async (context, options: PlaceOptions) => {
        const place = await placeOf(context, options)
        const read = await (await context.hub()).request('account/read', place, { timeoutMs: ASK_MS })
        context.print(read, () => accountText(read))
      }),
    )
  withPlace(account.command('limits'))
    .description('how much is used, and when it begins anew')
    .addHelpText('after', '\nExample:\n  codex-hub account limits')
    .action(
      run(async (context, options: PlaceOptions) => {
        const place = await placeOf(context, options)
        const { limits } = await (await context.hub()).request('account/rateLimits', place, {
          timeoutMs: ASK_MS,
        })
        context.print(limits, () => table(limits.flatMap(limitRows)) || 'No limits are known.')
      }),
    )
  withPlace(account.command('usage'))
    .description('tokens used, in all and by day')
    .addHelpText('after', '\nExample:\n  codex-hub account usage')
    .action(
      run(async (context, options: PlaceOptions) => {
        const place = await placeOf(context, options)
        const usage = await (await context.hub()).request('account/usage', place, { timeoutMs: ASK_MS })
        context.print(usage, () =>
          table([
            ['in all', countOf(usage.lifetimeTokens)],
            ['most in a day', countOf(usage.peakDailyTokens)],
            ...usage.days.map(({ date, tokens }) => [safe(date), countOf(tokens)]),
          ]),
        )
      }),
    )
  addLogin(account, run)
  account
    .command('logout')
    .description('forget who is logged in, for this home')
    .option('-H, --home <folder>', 'on this Codex home, one of "codex-hub adopt"')
    .addHelpText('after', '\nExample:\n  codex-hub account logout')
    .action(
      run(async (context, options: PlaceOptions) => {
        const read = await context.command('account/logout', await placeOf(context, options))
        context.print(read, () => accountText(read))
      }),
    )
}

export function accountText({ type, email, plan, workspace, needsLogin }: Account): string {
  if (type === null) {
    return needsLogin
      ? 'Nobody is logged in. "codex-hub account login" logs in.'
      : 'Nobody is logged in, and the configured provider needs nobody to be.'
  }
  return [type, email, plan, workspace].flatMap((each) => (each === null ? [] : safe(each))).join('  ')
}

function limitRows({ id, name, primary, secondary, reached }: RateLimit): string[][] {
  const title = safe(name ?? id ?? 'limit')
  const windows = [primary, secondary].flatMap((window) => window ?? [])
  return windows.map((window, at) => [
    at === 0 ? paint('bold', title) : '',
    windowText(window),
    `${window.usedPercent}% used`,
    window.resetsAt === null ? '' : `begins anew ${new Date(window.resetsAt).toLocaleString()}`,
    at === 0 && reached !== null ? paint('red', safe(reached)) : '',
  ])
}

function windowText({ windowMs }: LimitWindow): string {
  if (windowMs === null) return ''
  const hours = windowMs / 3_600_000
  return hours >= 48 ? `${Math.round(hours / 24)} days` : `${Math.round(hours)} h`
}

function countOf(tokens: number | null): string {
  return tokens === null ? 'not known' : tokens.toLocaleString('en')
}
