/** The keys that work everywhere. */
import { Dialog } from './dialog.tsx'

const KEYS = [
  ['j, k', 'next and previous session'],
  ['g', 'next session that waits for you'],
  ['i', 'inbox: all that waits for you, and what happened'],
  ['n', 'new session'],
  ['t', 'every thread Codex knows'],
  ['s', 'settings'],
  ['/', 'search'],
  ['c', 'write a prompt'],
  ['f', 'find in the conversation'],
  ['p', 'pin the session'],
  ['d', 'details beside the conversation'],
  ['[, ]', 'previous and next prompt of the conversation'],
  ['e', 'end of the conversation'],
  [
    'Enter',
    'send; Shift+Enter makes a new line; Alt+Enter queues instead of steering, or the other way round',
  ],
  ['1 … 9', 'answer the open approval or plan with its choice'],
  ['Escape', 'leave a field, close a dialog, or details that lie over the conversation'],
  ['?', 'this list'],
] as const

export function Keys({ onClose }: { onClose: () => void }) {
  return (
    <Dialog title="Keys" onClose={onClose}>
      <dl className="keys">
        {KEYS.map(([key, says]) => (
          <div key={key}>
            <dt>
              <kbd>{key}</kbd>
            </dt>
            <dd>{says}</dd>
          </div>
        ))}
      </dl>
    </Dialog>
  )
}
