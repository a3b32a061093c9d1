/** Where a prompt is written. Drafts are kept per session; what was not sent stays, with its reason. */
import { type ClipboardEvent, type KeyboardEvent, useEffect, useRef, useState } from 'react'
import { newCommandId } from '../../client/command-id.ts'
import type { SettingsRequest } from '../../protocol/settings.ts'
import type { Summary } from '../../protocol/summary.ts'
import { says, useHub } from '../hub.ts'
import { SettingsChoices } from '../settings-choices.tsx'

interface Sending {
  readonly commandId: string
  readonly text: string
  readonly images: readonly string[]
  readonly settings: SettingsRequest
  readonly problem: string | null
}

export function Composer({ summary }: { summary: Summary }) {
  const hub = useHub()
  const key = `codex-hub.draft.${summary.id}`
  const [text, setText] = useState(() => localStorage.getItem(key) ?? '')
  const [images, setImages] = useState<readonly string[]>([])
  const [settings, setSettings] = useState<SettingsRequest>({})
  const [areSettingsOpen, setSettingsOpen] = useState(false)
  const [sending, setSending] = useState<Sending | null>(null)
  const field = useRef<HTMLTextAreaElement>(null)
  const canSteer = summary.capabilities.includes('session/steer')
  const canSend = canSteer || summary.capabilities.includes('session/send')
  const changed = Object.keys(settings).length
  const canInterrupt = summary.capabilities.includes('session/interrupt') && summary.phase !== 'idle'
  useEffect(() => {
    if (text === '') localStorage.removeItem(key)
    else localStorage.setItem(key, text)
  }, [key, text])

  const send = async (prompt: Omit<Sending, 'problem'>) => {
    setSending({ ...prompt, problem: null })
    setText('')
    setImages([])
    setSettings({})
    setSettingsOpen(false)
    const input = [
      ...(prompt.text.trim() === '' ? [] : [{ type: 'text' as const, text: prompt.text }]),
      ...prompt.images.map((url) => ({ type: 'image' as const, url })),
    ]
    try {
      await hub.command('session/send', {
        sessionId: summary.id,
        commandId: prompt.commandId,
        input,
        // What the button said when it was pressed; a turn that ended meanwhile makes it the next one's prompt.
        whenBusy: canSteer ? 'steer' : 'queue',
        settings: prompt.settings,
      })
      setSending(null)
    } catch (error) {
      setSending({ ...prompt, problem: says(error) })
    }
    field.current?.focus()
  }
  const submit = () => {
    if (!canSend || (text.trim() === '' && images.length === 0)) return
    void send({ commandId: newCommandId(), text, images, settings: canSteer ? {} : settings })
  }
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key !== 'Enter' || event.shiftKey || event.nativeEvent.isComposing) return
    event.preventDefault()
    submit()
  }
  const take = (files: Iterable<File>) => {
    for (const file of files) {
      if (!file.type.startsWith('image/')) continue
      const reader = new FileReader()
      reader.onload = () => setImages((known) => [...known, String(reader.result)])
      reader.readAsDataURL(file)
    }
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
      {sending && (
        <div className={sending.problem === null ? 'sending' : 'sending problem'} role="status">
          <span>{sending.text || '[image]'}</span>
          {sending.problem === null ? (
            <small>sending…</small>
          ) : (
            <>
              <small>{sending.problem}</small>
              <button type="button" onClick={() => void send({ ...sending, commandId: newCommandId() })}>
                Send again
              </button>
              <button
                type="button"
                onClick={() => {
                  setText(sending.text)
                  setImages(sending.images)
                  setSettings(sending.settings)
                  setSending(null)
                }}
              >
                Edit
              </button>
            </>
          )}
        </div>
      )}
      {images.length > 0 && (
        <div className="images">
          {images.map((url) => (
            <button
              key={url.slice(-40)}
              type="button"
              title="Remove"
              onClick={() => setImages(images.filter((each) => each !== url))}
            >
              <img src={url} alt="attached" />
            </button>
          ))}
        </div>
      )}
      {areSettingsOpen && !canSteer && (
        <SettingsChoices value={settings} onChange={setSettings} now={summary.settings} />
      )}
      <div className="line">
        <button
          type="button"
          className={changed > 0 ? 'icon changed' : 'icon'}
          aria-expanded={areSettingsOpen && !canSteer}
          aria-label="What the next turn runs with"
          title={
            canSteer ? 'The running turn goes on with what it began with' : 'What the next turn runs with'
          }
          disabled={canSteer}
          onClick={() => setSettingsOpen(!areSettingsOpen)}
        >
          ⛭
        </button>
        <textarea
          ref={field}
          rows={Math.min(10, Math.max(1, text.split('\n').length))}
          aria-label="Prompt"
          placeholder={
            canSteer ? 'Write into the running turn…' : canSend ? 'Write to Codex…' : whyNot(summary)
          }
          value={text}
          onChange={(event) => setText(event.target.value)}
          onKeyDown={onKeyDown}
          onPaste={(event: ClipboardEvent) => take(event.clipboardData.files)}
        />
        {canInterrupt && (
          <button
            type="button"
            onClick={() => void hub.command('session/interrupt', { sessionId: summary.id }).catch(() => {})}
          >
            Stop
          </button>
        )}
        <button
          type="submit"
          className="primary"
          disabled={!canSend || (text.trim() === '' && images.length === 0)}
        >
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
