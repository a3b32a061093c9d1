/** The plan of the agent, step by step. */
import type { Plan as SessionPlan } from '../../../protocol/session-state.ts'

const SAYS: Record<string, string> = {
  completed: 'done',
  inProgress: 'being done',
  in_progress: 'being done',
  pending: 'to do',
}

export function Plan({ plan: { steps, explanation } }: { plan: SessionPlan }) {
  const done = steps.filter(({ status }) => status === 'completed').length
  return (
    <section>
      <h2>
        {done} of {steps.length} done
      </h2>
      {explanation !== null && <p className="quiet">{explanation}</p>}
      <ol className="steps">
        {steps.map(({ step, status }) => (
          <li key={step} className={status}>
            {step} <small className="quiet">{SAYS[status] ?? status}</small>
          </li>
        ))}
      </ol>
    </section>
  )
}
