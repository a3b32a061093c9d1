/** Prompts that did not get through, with what can be done about each. */
import type { Sending } from './outbox.ts'

interface Props {
  readonly sendings: readonly Sending[]
  readonly onAgain: (sending: Sending) => void
  readonly onEdit: (sending: Sending) => void
  readonly onDrop: (sending: Sending) => void
}

const HEADS: Partial<Record<Sending['state'], string>> = {
  failed: 'Not sent',
  unknown: 'Nobody knows whether it was taken: look above before you send it again',
  cut: 'Maybe not sent; sending it again does not send it twice',
}

export function Unsent({ sendings, onAgain, onEdit, onDrop }: Props) {
  return sendings
    .filter(({ state }) => HEADS[state] !== undefined)
    .map((sending) => (
      <div key={sending.commandId} className="unsent" role="alert">
        <p>
          <b>{HEADS[sending.state]}:</b> {sending.problem}
        </p>
        <p className="text">{sending.text || 'Pictures'}</p>
        {sending.lostImages > 0 && <p>{sending.lostImages} pictures are lost: add them again.</p>}
        <div className="buttons">
          <button type="button" onClick={() => onAgain(sending)}>
            Send again
          </button>
          <button type="button" onClick={() => onEdit(sending)}>
            Edit
          </button>
          <button type="button" onClick={() => onDrop(sending)}>
            Discard
          </button>
        </div>
      </div>
    ))
}
