/** An approval, with all that is needed to decide it and every way to answer. */
import { useEffect, useState } from 'react'
import type { Approval, ApprovalAnswer, Choice } from '../../protocol/approval.ts'
import type { SessionState } from '../../protocol/session-state.ts'
import { textOf, withTilde } from '../format.ts'
import { says, useHub } from '../hub.ts'
import { Changes } from './item-view.tsx'
import { useReadyKeys } from './use-ready-keys.ts'

interface Question {
  readonly id: string
  readonly header?: string
  readonly question?: string
  readonly isSecret?: boolean
  readonly options?: readonly { readonly label: string; readonly description?: string }[] | null
}

interface Field {
  readonly type?: string
  readonly title?: string
  readonly description?: string
  readonly enum?: readonly string[]
}

/** Words in a command that deserve a second look. */
const RISKS: readonly (readonly [RegExp, string])[] = [
  [/\brm\s+(-\w*[rf]|--recursive|--force)/, 'deletes files'],
  [/\bsudo\b/, 'runs as administrator'],
  [/\b(curl|wget)\b[^|]*\|\s*(ba|z)?sh/, 'runs a script from the network'],
  [/\bgit\s+(push|reset\s+--hard|clean)/, 'changes or publishes history'],
  [/\b(chmod|chown)\s+-R/, 'changes permissions of a whole tree'],
]

export function ApprovalCard({
  approval,
  state,
  hasKeys,
}: {
  approval: Approval
  state: SessionState
  hasKeys: boolean
}) {
  const hub = useHub()
  const { id: sessionId, cwd } = state.summary
  const [answers, setAnswers] = useState<Record<string, string>>({})
  const [isBusy, setBusy] = useState(false)
  const [problem, setProblem] = useState<string | null>(null)
  const areKeysReady = useReadyKeys(hasKeys)
  const questions = (Array.isArray(approval.params.questions) ? approval.params.questions : []) as Question[]
  const fields = fieldsOf(approval)
  const lacks = ({ needs }: Choice): boolean =>
    needs === 'answers' && questions.some(({ id }) => !answers[id])
  const decide = async (choice: Choice) => {
    setBusy(true)
    setProblem(null)
    try {
      await hub.command('approval/decide', {
        sessionId,
        approvalId: approval.id,
        answer: answerOf(choice, answers, questions, fields),
      })
    } catch (error) {
      setProblem(says(error))
      setBusy(false)
    }
  }
  useEffect(() => {
    if (!areKeysReady || isBusy) return
    const onKey = (event: KeyboardEvent) => {
      const isTyping = event.target instanceof HTMLElement && event.target.matches('input, textarea, select')
      const choice = approval.choices[Number(event.key) - 1]
      if (
        isTyping ||
        event.repeat ||
        event.metaKey ||
        event.ctrlKey ||
        event.altKey ||
        !choice ||
        lacks(choice) ||
        document.querySelector('dialog[open]')
      )
        return
      event.preventDefault()
      void decide(choice)
    }
    addEventListener('keydown', onKey)
    return () => removeEventListener('keydown', onKey)
  })
  const command = textOf(approval.params.command) || approval.title
  const risks = approval.kind === 'command' ? RISKS.filter(([pattern]) => pattern.test(command)) : []
  const changed = approval.kind === 'fileChange' && state.items.find(({ id }) => id === approval.itemId)
  return (
    <section className="approval" aria-label="Approval">
      <header>
        <b>{HEADS[approval.kind]}</b>
        {textOf(approval.params.cwd) !== '' && (
          <code className="where">{withTilde(textOf(approval.params.cwd))}</code>
        )}
      </header>
      {approval.kind === 'command' ? (
        <pre className="asked">{command}</pre>
      ) : questions.length > 0 ? null : (
        <p className="asked-text">{approval.title}</p>
      )}
      {approval.reason !== null && <p className="reason">{approval.reason}</p>}
      {risks.map(([, says]) => (
        <p key={says} className="risk">
          ⚠ {says}
        </p>
      ))}
      {changed && (
        <div className="asked-changes">
          <Changes body={changed.body} cwd={cwd} />
        </div>
      )}
      {questions.map((question) => (
        <QuestionField
          key={question.id}
          question={question}
          value={answers[question.id] ?? ''}
          onChange={(value) => setAnswers((known) => ({ ...known, [question.id]: value }))}
        />
      ))}
      {Object.entries(fields).map(([name, field]) => (
        <label key={name}>
          {field.title ?? name}
          <input
            value={answers[name] ?? ''}
            placeholder={field.description}
            onChange={(event) => setAnswers((known) => ({ ...known, [name]: event.target.value }))}
          />
        </label>
      ))}
      {(approval.kind === 'other' || approval.kind === 'toolCall') && (
        <pre className="output">{JSON.stringify(approval.params, null, 2)}</pre>
      )}
      {problem !== null && (
        <p className="problem" role="alert">
          {problem}
        </p>
      )}
      <footer>
        {approval.choices.map((choice, index) => (
          <button
            key={choice.id}
            type="button"
            className={choice.effect === 'allow' && index === 0 ? 'primary' : choice.effect}
            disabled={isBusy || lacks(choice)}
            onClick={() => void decide(choice)}
          >
            {areKeysReady && <kbd>{index + 1}</kbd>} {choice.label}
          </button>
        ))}
      </footer>
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

interface QuestionProps {
  readonly question: Question
  readonly value: string
  readonly onChange: (value: string) => void
}

function QuestionField({ question, value, onChange }: QuestionProps) {
  const options = question.options ?? []
  return (
    <fieldset>
      <legend>{question.question ?? question.header}</legend>
      {options.map(({ label, description }) => (
        <label key={label} className="choice">
          <input type="radio" name={question.id} checked={value === label} onChange={() => onChange(label)} />
          <span>
            {label} {description && <small>{description}</small>}
          </span>
        </label>
      ))}
      <input
        type={question.isSecret ? 'password' : 'text'}
        aria-label="Another answer"
        placeholder={options.length > 0 ? 'or another answer' : 'your answer'}
        value={options.some(({ label }) => label === value) ? '' : value}
        onChange={(event) => onChange(event.target.value)}
      />
    </fieldset>
  )
}

function fieldsOf(approval: Approval): Record<string, Field> {
  const schema = approval.params.requestedSchema as { properties?: Record<string, Field> } | undefined
  return approval.kind === 'elicitation' ? (schema?.properties ?? {}) : {}
}

function answerOf(
  choice: Choice,
  answers: Record<string, string>,
  questions: readonly Question[],
  fields: Record<string, Field>,
): ApprovalAnswer {
  if (choice.needs === 'answers')
    return {
      choice: choice.id,
      answers: Object.fromEntries(questions.map(({ id }) => [id, [answers[id] ?? '']])),
    }
  if (choice.needs === null) return { choice: choice.id }
  const content = Object.entries(fields).map(([name, { type }]) => {
    const text = answers[name] ?? ''
    if (type === 'number' || type === 'integer') return [name, Number(text)]
    return [name, type === 'boolean' ? text === 'true' : text]
  })
  return { choice: choice.id, content: Object.fromEntries(content) }
}
