/** An approval, with all that is needed to decide it and every way to answer. */
import { Fragment, type ReactNode, useEffect, useState } from 'react'
import type { Approval, Choice } from '../../protocol/approval.ts'
import type { SessionState } from '../../protocol/session-state.ts'
import { textOf, withTilde } from '../format.ts'
import { useHub } from '../hub.ts'
import { Problem } from '../problem.tsx'
import { useAttempt } from '../use-attempt.ts'
import { isTyping } from '../use-keys.ts'
import { answerOf, askedBy, defaultsOf, type Filled, lacks } from './answer.ts'
import { ApprovalFields } from './approval-fields.tsx'
import { changesOf } from './changes.ts'
import { Changes } from './item-view.tsx'
import { risksOfChanges, risksOfCommand } from './risks.ts'
import { useReadyKeys } from './use-ready-keys.ts'

interface Props {
  readonly approval: Approval
  readonly state: SessionState
  /** Its choices are answered by keys. */
  readonly hasKeys: boolean
}

export function ApprovalCard({ approval, state, hasKeys }: Props) {
  const hub = useHub()
  const { id: sessionId } = state.summary
  const asked = askedBy(approval)
  const [filled, setFilled] = useState<Filled>(() => defaultsOf(asked))
  const { isBusy, problem, attempt } = useAttempt()
  const areKeysReady = useReadyKeys(hasKeys)
  // What is filled in is sent by Enter.
  const main = approval.choices.find(({ needs }) => needs !== null)
  const decide = (choice: Choice) =>
    attempt(() =>
      hub.command('approval/decide', {
        sessionId,
        approvalId: approval.id,
        answer: answerOf(choice, asked, filled),
      }),
    )
  useEffect(() => {
    if (!areKeysReady || isBusy) return
    const onKey = (event: KeyboardEvent) => {
      const choice = approval.choices[Number(event.key) - 1]
      if (
        isTyping(event) ||
        event.repeat ||
        event.metaKey ||
        event.ctrlKey ||
        event.altKey ||
        !choice ||
        lacks(choice, asked, filled) ||
        document.querySelector('dialog[open]')
      )
        return
      event.preventDefault()
      void decide(choice)
    }
    addEventListener('keydown', onKey)
    return () => removeEventListener('keydown', onKey)
  })
  return (
    <section className="approval" aria-label={`Approval: ${approval.title}`}>
      <What approval={approval} state={state} />
      <form
        onSubmit={(event) => {
          event.preventDefault()
          if (main && !isBusy) void decide(main)
        }}
      >
        <ApprovalFields
          asked={asked}
          filled={filled}
          onFill={(name, value) => setFilled((known) => ({ ...known, [name]: value }))}
        />
        <Problem says={problem} />
        <footer>
          {approval.choices.map((choice, index) => (
            <button
              key={choice.id}
              type={choice === main ? 'submit' : 'button'}
              className={choice.effect === 'allow' && index === 0 ? 'primary' : choice.effect}
              disabled={isBusy || lacks(choice, asked, filled)}
              onClick={choice === main ? undefined : () => void decide(choice)}
            >
              <span className="label" title={choice.label}>
                {areKeysReady && <kbd>{index + 1}</kbd>} {withCode(choice.label)}
              </span>
            </button>
          ))}
        </footer>
      </form>
    </section>
  )
}

const HEADS: Record<Approval['kind'], string> = {
  command: 'Run this command?',
  fileChange: 'Change these files?',
  permissions: 'Give more permissions?',
  question: 'Codex asks',
  elicitation: 'A tool asks',
  toolCall: 'A tool call for this client',
  other: 'Codex asks',
}

/** What it is about. */
function What({ approval, state: { summary, items } }: Omit<Props, 'hasKeys'>) {
  const { kind, params, title, reason, itemId } = approval
  const folder = textOf(params.cwd)
  // An array before version 0.98.
  const given = Array.isArray(params.command) ? params.command.join(' ') : textOf(params.command)
  const isNetwork =
    kind === 'command' &&
    typeof params.networkApprovalContext === 'object' &&
    params.networkApprovalContext !== null
  const command = kind === 'command' ? given || (isNetwork ? '' : title) : ''
  const changed = kind === 'fileChange' ? items.find(({ id }) => id === itemId) : undefined
  const paths = changed ? changesOf(changed.body).map(({ path }) => path) : []
  const risks = [...risksOfCommand(command, folder, summary.cwd), ...risksOfChanges(paths, summary.cwd)]
  const hasQuestions = Array.isArray(params.questions) && params.questions.length > 0
  const url = kind === 'elicitation' ? textOf(params.url) : ''
  return (
    <>
      <header>
        <b>{isNetwork ? 'Allow network access?' : HEADS[kind]}</b>
        {folder !== '' && <code className="where">{withTilde(folder)}</code>}
      </header>
      {(kind !== 'command' || isNetwork || params.kind === 'writeStdin') && !hasQuestions && !changed && (
        <p className="asked-text">{title}</p>
      )}
      {command !== '' && <pre className="asked">{command}</pre>}
      {reason !== null && <p className="reason">{reason}</p>}
      {/^https?:/i.test(url) && (
        <p>
          <a href={url} target="_blank" rel="noreferrer noopener">
            Open {new URL(url).host} in a new tab
          </a>
        </p>
      )}
      {risks.map((says) => (
        <p key={says} className="risk">
          ⚠ {says}
        </p>
      ))}
      {changed && (
        <div className="asked-changes">
          <Changes body={changed.body} cwd={summary.cwd} />
        </div>
      )}
      {(kind === 'other' || kind === 'toolCall' || kind === 'permissions') && (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolled region must be reachable by keyboard
        <pre className="output" tabIndex={0}>
          {JSON.stringify(kind === 'permissions' ? params.permissions : params, null, 2)}
        </pre>
      )}
    </>
  )
}

/** What stands between backticks is code. */
function withCode(label: string): ReactNode {
  return label.split('`').map((part, index) =>
    // biome-ignore lint/suspicious/noArrayIndexKey: parts of a text have nothing but their place
    index % 2 === 1 ? <code key={index}>{part}</code> : <Fragment key={index}>{part}</Fragment>,
  )
}
