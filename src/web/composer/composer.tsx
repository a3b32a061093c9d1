/** Where a prompt is written, and what it will do is said before it is sent. */
import { useCallback, useRef, useState } from 'react'
import type { Queue } from '../../protocol/queue.ts'
import type { SettingsRequest } from '../../protocol/settings.ts'
import type { Summary } from '../../protocol/summary.ts'
import { Either } from '../either.tsx'
import { says, useHub, useOutbox, useReadable } from '../hub.ts'
import { Icon } from '../icons.tsx'
import { useKept } from '../kept.ts'
import { Problem } from '../problem.tsx'
import { QueueList } from '../queue/queue-list.tsx'
import { SettingsChoices } from '../settings-choices.tsx'
import { useDraft } from './draft.ts'
import { AttachButton, ImageRow, readImages } from './images.tsx'
import { PromptField } from './prompt-field.tsx'
import { skillNames } from './tokens.ts'
import { Unsent } from './unsent.tsx'
import { useDropped } from './use-dropped.ts'
import { namedSkills, useSkills } from './use-mentions.ts'

type Way = 'send' | 'steer' | 'queue'

const NO_SETTINGS: SettingsRequest = {}

const LABELS: Record<Way, string> = { send: 'Send', steer: 'Steer', queue: 'Queue' }

const PLACEHOLDERS: Record<Way, string> = {
  send: 'Write to Codex…',
  steer: 'Write into the running turn…',
  queue: 'Write what comes after this turn…',
}

interface Props {
  readonly summary: Summary
  readonly queue: Queue
}

export function Composer({ summary, queue }: Props) {
  const hub = useHub()
  const outbox = useOutbox()
  const sessionId = summary.id
  const sendings = useReadable(outbox.all).filter((each) => each.sessionId === sessionId)
  const [text, setText] = useDraft(sessionId)
  const [images, setImages] = useState<readonly string[]>([])
  const [settings, setSettings] = useState(NO_SETTINGS)
  const [areSettingsOpen, setSettingsOpen] = useState(false)
  const skills = useSkills({ sessionId }, skillNames(text).length > 0)
  const field = useRef<HTMLTextAreaElement>(null)
  const take = useCallback((files: Iterable<File>) => {
    void readImages(files).then((read) => setImages((known) => [...known, ...read]))
  }, [])
  const form = useRef<HTMLFormElement>(null)
  useDropped(form, take)
  const [preferred, prefer] = useKept<Way>('when-busy', 'steer')
  const [later, setLater] = useState('')
  const [problem, setProblem] = useState<string | null>(null)
  const ways = waysOf(summary)
  const notBefore = later === '' ? null : new Date(later).getTime()
  const way = notBefore === null ? (ways.find((each) => each === preferred) ?? ways[0]) : 'queue'
  const canInterrupt = summary.capabilities.includes('session/interrupt') && summary.phase !== 'idle'
  const isEmpty = text.trim() === '' && images.length === 0

  const submit = (by = way) => {
    if (by === undefined || isEmpty) return
    void outbox.send(sessionId, {
      text,
      images,
      skills: namedSkills(text, skills),
      settings: by === 'steer' ? NO_SETTINGS : settings,
      // What the button said when it was pressed; a turn that ended meanwhile makes it the next one's prompt.
      whenBusy: by === 'steer' ? 'steer' : 'queue',
      notBefore,
    })
    setText('')
    setImages([])
    setSettings(NO_SETTINGS)
    setLater('')
    setSettingsOpen(false)
    field.current?.focus()
  }
  const stop = async (): Promise<void> => {
    setProblem(null)
    try {
      await hub.command('session/interrupt', { sessionId })
    } catch (error) {
      setProblem(says(error))
    }
  }
  return (
    <div className="composer">
      {(queue.entries.length > 0 || queue.hold) && (
        <details className="queue-strip" open={queue.hold !== null}>
          <summary>
            <b>{queue.entries.length} waiting</b> {queue.hold ? queue.hold.message : queue.entries[0]?.text}
          </summary>
          <QueueList summary={summary} queue={queue} />
        </details>
      )}
      <form
        ref={form}
        onSubmit={(event) => {
          event.preventDefault()
          submit()
        }}
      >
        <Unsent
          sendings={sendings}
          onAgain={(sending) => void outbox.again(sending)}
          onDrop={({ commandId }) => outbox.drop(commandId)}
          onEdit={(sending) => {
            outbox.drop(sending.commandId)
            setText(text.trim() === '' ? sending.text : `${sending.text}\n\n${text}`)
            setImages([...sending.images, ...images])
            setSettings(sending.settings)
            field.current?.focus()
          }}
        />
        <ImageRow images={images} onRemove={(at) => setImages(images.filter((_, index) => index !== at))} />
        {areSettingsOpen && (
          <>
            <SettingsChoices value={settings} onChange={setSettings} now={summary.settings} />
            {summary.capabilities.includes('queue/add') && (
              <label className="later">
                Not before
                <input
                  type="datetime-local"
                  value={later}
                  onChange={(event) => setLater(event.target.value)}
                />
              </label>
            )}
          </>
        )}
        {ways.length > 1 && notBefore === null && (
          <div className="when-busy">
            <Either
              label="While Codex works"
              value={way ?? 'queue'}
              onChange={prefer}
              options={[
                ['steer', 'Steer'],
                ['queue', 'Queue'],
              ]}
            />
            {way === 'steer' ? 'goes into the turn that runs' : 'waits until the turn has ended'}
          </div>
        )}
        <Problem says={problem} />
        <div className="line">
          <button
            type="button"
            className={Object.keys(settings).length > 0 ? 'icon changed' : 'icon'}
            aria-expanded={areSettingsOpen}
            aria-label="What the next turn runs with"
            title={
              way === 'steer'
                ? 'The running turn goes on with what it began with'
                : 'What the next turn runs with'
            }
            disabled={way === 'steer'}
            onClick={() => setSettingsOpen(!areSettingsOpen)}
          >
            <Icon name="sliders" />
          </button>
          <AttachButton onFiles={take} />
          <PromptField
            field={field}
            label="Prompt"
            place={{ sessionId }}
            rows={Math.min(10, Math.max(1, text.split('\n').length))}
            placeholder={way === undefined ? whyNot(summary) : PLACEHOLDERS[way]}
            value={text}
            onChange={setText}
            onFiles={take}
            onKeyDown={(event) => {
              if (event.key !== 'Enter' || event.shiftKey || event.nativeEvent.isComposing) return
              event.preventDefault()
              submit(event.altKey ? (ways.find((each) => each !== way) ?? way) : way)
            }}
          />
          {canInterrupt && (
            <button type="button" onClick={() => void stop()}>
              Stop
            </button>
          )}
          <button type="submit" className="primary" disabled={way === undefined || isEmpty}>
            {way === undefined ? 'Send' : LABELS[way]}
          </button>
        </div>
      </form>
    </div>
  )
}

/** How a prompt can be given to the session now, the best first. */
function waysOf({ capabilities, phase }: Summary): readonly Way[] {
  const isBusy = phase === 'working' || phase === 'awaitingApproval' || phase === 'starting'
  if (!isBusy) return capabilities.includes('session/send') ? ['send'] : []
  const ways: readonly (readonly [Way, string])[] = [
    ['steer', 'session/steer'],
    ['queue', 'queue/add'],
  ]
  return ways.flatMap(([way, method]) => (capabilities.includes(method) ? [way] : []))
}

function whyNot({ door, phase }: Summary): string {
  if (door === 'observed')
    return 'Only observed: its own terminal has the control. Take it over when it is free.'
  if (phase === 'awaitingApproval') return 'Waits for your decision above.'
  if (phase === 'working') return 'Codex works. You can write now and send when it is done.'
  return `Nothing can be sent now (${phase}).`
}
