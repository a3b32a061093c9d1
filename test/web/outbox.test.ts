import { beforeEach, expect, it, vi } from 'vitest'
import type { HubClient } from '../../src/client/client.ts'
import { HubError } from '../../src/protocol/errors.ts'
import { Outbox, type Prompt } from '../../src/web/composer/outbox.ts'
import { webWords } from '../../src/web/session/web-words.ts'

const kept = new Map<string, string>()
beforeEach(() => {
  kept.clear()
  vi.stubGlobal('sessionStorage', {
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, value: string) => void kept.set(key, value),
    removeItem: (key: string) => void kept.delete(key),
  })
})

const prompt: Prompt = {
  text: 'do it',
  images: [],
  skills: [],
  settings: {},
  whenBusy: 'queue',
  notBefore: null,
}

it('[PAG83] a prompt of which nobody knows whether it was taken stays, through a reload, and is another command when a person sends it again', async () => {
  const asked: string[] = []
  let answer = (): unknown => {
    throw new HubError('indeterminate', 'The hub ended meanwhile.', {})
  }
  const hub = {
    command: async (_method: string, { commandId }: { commandId: string }) => {
      asked.push(commandId)
      return answer()
    },
  } as unknown as HubClient
  const outbox = new Outbox(hub)
  await outbox.send('ses_1', prompt)
  const [unknown] = outbox.all.getSnapshot()
  expect(unknown).toMatchObject({ state: 'unknown', problem: 'The hub ended meanwhile.', text: 'do it' })
  const reloaded = new Outbox(hub)
  expect(reloaded.all.getSnapshot()).toEqual([unknown])
  answer = () => ({ taken: 'queued' })
  if (unknown) await reloaded.again(unknown)
  expect(reloaded.all.getSnapshot()).toEqual([])
  // With the same id the hub would give the answer it gave.
  expect(new Set(asked).size).toBe(2)
})

it('[PAG2] what Codex did on the web is said in words', () => {
  expect(webWords({ query: 'codex hub' })).toBe('Searched the web: codex hub')
  expect(webWords({ query: '', action: { type: 'search', queries: ['a', 'b'] } })).toBe(
    'Searched the web: a, b',
  )
  expect(webWords({ query: '', action: { type: 'openPage', url: 'https://x.test/' } })).toBe(
    'Opened https://x.test/',
  )
  expect(webWords({ action: { type: 'find_in_page', url: 'https://x.test/', pattern: 'y' } })).toBe(
    'Looked for “y” in https://x.test/',
  )
})
