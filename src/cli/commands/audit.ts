/** `codex-hub audit`: what agents did, call by call. */
import type { Command } from 'commander'
import type { AuditRow } from '../../protocol/agent.ts'
import { shortId } from '../find-session.ts'
import { type Run, wholeNumber } from '../run.ts'
import { ago, paint, safe, table } from '../text.ts'

interface AuditOptions {
  readonly agent?: string
  readonly session?: string
  readonly limit: number
}

export function addAudit(program: Command, run: Run): void {
  program
    .command('audit')
    .description('what agents did over MCP: who, which tool, which session, how it ended; newest first')
    .option('--agent <name>', 'only of this agent')
    .option('--session <id>', 'only about this session, by its whole id')
    .option('--limit <number>', 'how many at most', wholeNumber(10_000, 1), 50)
    .addHelpText(
      'after',
      '\nExamples:\n  codex-hub audit\n  codex-hub --json audit --agent codex | jq ".[].tool"',
    )
    .action(
      run(async (context, { agent, session, limit }: AuditOptions) => {
        const hub = await context.hub()
        const rows: AuditRow[] = []
        let pageToken: string | undefined
        while (rows.length < limit) {
          const page = await hub.request('audit/list', {
            agent,
            sessionId: session,
            limit: Math.min(500, limit - rows.length),
            pageToken,
          })
          rows.push(...page.rows)
          if (page.nextPageToken === null) break
          pageToken = page.nextPageToken
        }
        context.print(rows, () =>
          rows.length === 0 ? nothingText(agent ?? session) : table(rows.map(rowText)),
        )
      }),
    )
}

function nothingText(filter: string | undefined): string {
  return filter === undefined ? 'No agent has called yet.' : 'No such call.'
}

function rowText({ at, agent, tool, sessionId, callerSessionId, outcome, error, id }: AuditRow): string[] {
  const colour = outcome === 'done' ? 'green' : outcome === 'refused' ? 'red' : 'yellow'
  return [
    ago(at),
    callerSessionId === null ? safe(agent) : `${safe(agent)} in ${shortId(callerSessionId)}`,
    safe(tool),
    sessionId === null ? '' : safe(shortId(sessionId)),
    paint(colour, error === null ? outcome : `${outcome}: ${safe(error)}`),
    paint('dim', safe(id)),
  ]
}
