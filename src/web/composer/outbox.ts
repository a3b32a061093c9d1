/**
 * Prompts between the field and the hub, whatever session is looked at meanwhile. Each keeps the id of its command: as
 * long as no answer came, sending it again is the same command and happens once. What failed stays until a person sends
 * it again or takes it back; a reload finds it in the tab's own store, pictures excepted.
 */
import type { HubClient } from '../../client/client.ts'
import { newCommandId } from '../../client/command-id.ts'
import { Observable, type Readable } from '../../client/observable.ts'
import { isHubError } from '../../protocol/errors.ts'
import type { Input } from '../../protocol/input.ts'
import type { ParamsOf } from '../../protocol/methods.ts'
import type { SettingsRequest } from '../../protocol/settings.ts'
import { says } from '../hub.ts'

export interface Prompt {
  readonly text: string
  readonly images: readonly string[]
  readonly skills: readonly { readonly name: string; readonly path: string }[]
  readonly settings: SettingsRequest
  readonly whenBusy: ParamsOf<'session/send'>['whenBusy']
  /** Into the queue, and not to be sent before. */
  readonly notBefore: number | null
}

export interface Sending extends Prompt {
  readonly commandId: string
  readonly sessionId: string
  /**
   * `sent`: taken, and not yet seen in the session. `failed`: refused. `unknown`: nobody knows whether it was taken.
   * `cut`: the page was closed before the answer came; sent again it is the same command.
   */
  readonly state: 'sending' | 'sent' | 'failed' | 'unknown' | 'cut'
  readonly problem: string | null
  /** Pictures that a reload lost. */
  readonly lostImages: number
}

const KEY = 'codex-hub.outbox'
/** What was taken and is not seen by then will not be: older releases do not echo a prompt's id. */
const UNSEEN_MS = 5_000

export class Outbox {
  readonly #hub: HubClient
  readonly #all = new Observable<readonly Sending[]>(restore())
  readonly all: Readable<readonly Sending[]> = this.#all

  constructor(hub: HubClient) {
    this.#hub = hub
  }

  send(sessionId: string, prompt: Prompt): Promise<void> {
    return this.#run({
      ...prompt,
      sessionId,
      commandId: newCommandId(),
      state: 'sending',
      problem: null,
      lostImages: 0,
    })
  }

  /** By hand: what was answered is another command from now on. */
  again(sending: Sending): Promise<void> {
    const commandId = sending.state === 'cut' ? sending.commandId : newCommandId()
    this.drop(sending.commandId)
    return this.#run({ ...sending, commandId, state: 'sending', problem: null })
  }

  drop(commandId: string): void {
    this.#set(this.#all.getSnapshot().filter((each) => each.commandId !== commandId))
  }

  async #run(sending: Sending): Promise<void> {
    const { commandId, sessionId, settings, whenBusy, notBefore } = sending
    this.#set([...this.#all.getSnapshot(), sending])
    try {
      const { taken } = await this.#hub.command('session/send', {
        commandId,
        sessionId,
        settings,
        input: inputOf(sending),
        ...(whenBusy && { whenBusy }),
        ...(notBefore !== null && { notBefore }),
      })
      // What waits is seen in the queue.
      if (taken === 'queued') return this.drop(commandId)
      this.#patch(commandId, { state: 'sent' })
      setTimeout(() => this.drop(commandId), UNSEEN_MS)
    } catch (error) {
      const isUnknown = isHubError(error, 'indeterminate')
      this.#patch(commandId, { state: isUnknown ? 'unknown' : 'failed', problem: says(error) })
    }
  }

  #patch(commandId: string, patch: Partial<Sending>): void {
    this.#set(
      this.#all.getSnapshot().map((each) => (each.commandId === commandId ? { ...each, ...patch } : each)),
    )
  }

  #set(all: readonly Sending[]): void {
    this.#all.set(all)
    keep(all)
  }
}

export function inputOf({ text, images, skills }: Pick<Prompt, 'text' | 'images' | 'skills'>): Input {
  return [
    ...(text.trim() === '' ? [] : [{ type: 'text' as const, text }]),
    ...skills.map(({ name, path }) => ({ type: 'skill' as const, name, path })),
    ...images.map((url) => ({ type: 'image' as const, url })),
  ]
}

function keep(all: readonly Sending[]): void {
  const open = all
    .filter(({ state }) => state !== 'sent')
    .map((each) => ({ ...each, images: [], lostImages: each.lostImages + each.images.length }))
  try {
    if (open.length === 0) sessionStorage.removeItem(KEY)
    else sessionStorage.setItem(KEY, JSON.stringify(open))
  } catch {
    // A browser without room for it still has it on the screen.
  }
}

function restore(): readonly Sending[] {
  try {
    const kept = JSON.parse(sessionStorage.getItem(KEY) ?? '[]') as Sending[]
    return kept.map((each) =>
      each.state === 'sending'
        ? { ...each, state: 'cut', problem: 'The page was closed before the answer came.' }
        : each,
    )
  } catch {
    return []
  }
}
