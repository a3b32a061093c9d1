/** Where a prompt is written, and what it will do is said before it is sent. */
import { useRef, useState } from 'react'
import type { SettingsRequest } from '../../protocol/settings.ts'
import type { Summary } from '../../protocol/summary.ts'
import { useHub, useOutbox, useReadable } from '../hub.ts'
import { Icon } from '../icons.tsx'
import { SettingsChoices } from '../settings-choices.tsx'
import { useDraft } from './draft.ts'
import { AttachButton, ImageRow, readImages } from './images.tsx'
import { PromptField } from './prompt-field.tsx'
import { skillNames } from './tokens.ts'
import { Unsent } from './unsent.tsx'
import { namedSkills, useSkills } from './use-mentions.ts'

const NO_SETTINGS: SettingsRequest = {}

export function Composer({ summary }: { summary: Summary }) {
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
  const canSteer = summary.capabilities.includes('session/steer')
  const canSend = canSteer || summary.capabilities.includes('session/send')
  const canInterrupt = summary.capabilities.includes('session/interrupt') && summary.phase !== 'idle'
  const isEmpty = text.trim() === '' && images.length === 0

  const submit = () => {
    if (!canSend || isEmpty) return
    void outbox.send(sessionId, {
      text,
      images,
      skills: namedSkills(text, skills),
      settings: canSteer ? NO_SETTINGS : settings,
      // What the button said when it was pressed; a turn that ended meanwhile makes it the next one's prompt.
      whenBusy: canSteer ? 'steer' : 'queue',
    })
    setText('')
    setImages([])
    setSettings(NO_SETTINGS)
    setSettingsOpen(false)
    field.current?.focus()
  }
  const take = (files: Iterable<File>) => {
    void readImages(files).then((read) => setImages((known) => [...known, ...read]))
  }
  return (
    <form
      className="composer"
      onSubmit={(event) => {
        event.preventDefault()
        submit()
      }}
      onDragOver={(event) => event.preventDefault()}
      onDrop={(event) => {
        event.preventDefault()
        take(event.dataTransfer.files)
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
      {areSettingsOpen && !canSteer && (
        <SettingsChoices value={settings} onChange={setSettings} now={summary.settings} />
      )}
      <div className="line">
        <button
          type="button"
          className={Object.keys(settings).length > 0 ? 'icon changed' : 'icon'}
          aria-expanded={areSettingsOpen && !canSteer}
          aria-label="What the next turn runs with"
          title={
            canSteer ? 'The running turn goes on with what it began with' : 'What the next turn runs with'
          }
          disabled={canSteer}
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
          placeholder={
            canSteer ? 'Write into the running turn…' : canSend ? 'Write to Codex…' : whyNot(summary)
          }
          value={text}
          onChange={setText}
          onFiles={take}
          onKeyDown={(event) => {
            if (event.key !== 'Enter' || event.shiftKey || event.nativeEvent.isComposing) return
            event.preventDefault()
            submit()
          }}
        />
        {canInterrupt && (
          <button
            type="button"
            onClick={() => void hub.command('session/interrupt', { sessionId }).catch(() => {})}
          >
            Stop
          </button>
        )}
        <button type="submit" className="primary" disabled={!canSend || isEmpty}>
          {canSteer ? 'Steer' : 'Send'}
        </button>
      </div>
    </form>
  )
}

function whyNot({ door, phase }: Summary): string {
  if (door === 'observed')
    return 'Only observed: its own terminal has the control. Take it over when it is free.'
  if (phase === 'awaitingApproval') return 'Waits for your decision above.'
  if (phase === 'working') return 'Codex works. You can write now and send when it is done.'
  return `Nothing can be sent now (${phase}).`
}
