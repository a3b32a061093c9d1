/** Facts and controls of a session: what it runs on, what it used, and what can be done with it. */
import { ago } from '../../../base/ago.ts'
import type { Origin } from '../../../protocol/agent.ts'
import type { SessionState } from '../../../protocol/session-state.ts'
import type { Summary } from '../../../protocol/summary.ts'
import { type Fact, FactList } from '../../fact-list.tsx'
import { count, withTilde } from '../../format.ts'
import { fragmentOf } from '../../links.ts'
import { useNow } from '../../use-now.ts'
import { useListed } from '../sub-agents.tsx'
import { Controls } from './controls.tsx'
import { GoalSection } from './goal.tsx'
import { Meter } from './meter.tsx'
import { RateLimits } from './rate-limits.tsx'

const AGES_MS = 5_000

interface Props {
  readonly state: SessionState
  readonly onSelect: (id: string) => void
}

export function Facts({ state, onSelect }: Props) {
  const { summary, warnings } = state
  // Silence has to grow before one's eyes.
  useNow(AGES_MS)
  const { tokens, settings, git, counters } = summary
  const policy = typeof settings.approvalPolicy === 'string' ? settings.approvalPolicy : 'granular'
  const facts: readonly Fact[] = [
    ['Title', summary.title],
    ['Folder', withTilde(summary.cwd)],
    ['Branch', git?.branch],
    ['Model', [settings.model ?? 'as configured', settings.effort].filter(Boolean).join(' · ')],
    ['Policy', [policy, settings.sandbox].filter(Boolean).join(' · ')],
    ['So far', `${plural(counters.turns, 'turn')}, ${plural(counters.tools, 'tool call')}`],
    ['Codex', `${summary.codexVersion ?? 'unknown'}, ${summary.door}`],
    ['Heard', summary.evidenceAt === null ? 'nothing yet' : `${ago(summary.evidenceAt)} ago`],
    ['Begun', new Date(summary.createdAt).toLocaleString()],
    ['Made by', summary.createdBy && <Maker key="maker" origin={summary.createdBy} />],
    ['Came from', summary.imported && importedWords(summary.imported)],
    ['Id', <code key="id">{summary.id}</code>],
  ]
  return (
    <>
      <Controls summary={summary} items={state.items} onSelect={onSelect} />
      {tokens && (
        <section>
          <h2>Context</h2>
          {tokens.contextWindow ? (
            <Meter
              label="Context window"
              percent={(tokens.last.totalTokens / tokens.contextWindow) * 100}
              says={`${count(tokens.last.totalTokens)} of ${count(tokens.contextWindow)} tokens`}
            />
          ) : null}
          <p className="quiet">
            {count(tokens.total.totalTokens)} tokens in all: {count(tokens.total.inputTokens)} in (
            {count(tokens.total.cachedInputTokens)} cached), {count(tokens.total.outputTokens)} out (
            {count(tokens.total.reasoningOutputTokens)} thinking)
          </p>
        </section>
      )}
      <GoalSection state={state} />
      <RateLimits limits={summary.rateLimits} />
      <section>
        <h2>Session</h2>
        <FactList facts={facts} />
      </section>
      {warnings.length > 0 && (
        <details>
          <summary>{plural(warnings.length, 'warning')} of Codex</summary>
          {warnings.map(({ message, at }) => (
            <p key={`${at} ${message}`} className="quiet warning">
              {message}
            </p>
          ))}
        </details>
      )}
    </>
  )
}

/** An agent over MCP, and its session where it is one. */
function Maker({ origin: { agent, sessionId } }: { origin: Origin }) {
  const maker = useListed(sessionId)
  return (
    <>
      the agent {agent}
      {sessionId !== null && (
        <>
          {' in '}
          <a href={`#${fragmentOf(sessionId)}`}>{maker?.title ?? 'its session'}</a>
        </>
      )}
    </>
  )
}

function importedWords({ at, hub }: NonNullable<Summary['imported']>): string {
  return `a file of another hub (${hub.version}), ${new Date(at).toLocaleString()}`
}

function plural(value: number, noun: string): string {
  return `${count(value)} ${noun}${value === 1 ? '' : 's'}`
}
