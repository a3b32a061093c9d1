/** How long a line that another program writes takes to reach a client that watches its session. */
import { appendFileSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import type { HubClient } from '../../src/client/client.ts'
import { stateWhere } from '../../test/harness/watch.ts'
import type { HubChild } from './hub-child.ts'
import { instant } from './instant.ts'

const PAGE = 50
const APART_MS = 25
/** The first ones wake what was asleep. */
const WARM_UP = 5

/** One line of an agent, as every release writes it. */
export function saidLine(message: string): string {
  const payload = { type: 'agent_message', message }
  return `${JSON.stringify({ timestamp: new Date().toISOString(), type: 'event_msg', payload })}\n`
}

/** @returns milliseconds from each write until the text is in the client */
export async function appendTimes(
  hub: HubChild,
  path: string,
  threadId: string,
  appends: number,
): Promise<number[]> {
  const client = hub.client()
  const session = client.session(await sessionOfThread(client, threadId))
  await stateWhere(session, () => true)
  const times: number[] = []
  for (let index = 0; index < appends + WARM_UP; index += 1) {
    await delay(APART_MS)
    const said = `appended ${index}`
    const heard = stateWhere(session, ({ items }) => items.at(-1)?.body.text === said)
    const began = instant()
    appendFileSync(path, saidLine(said))
    await heard
    if (index >= WARM_UP) times.push(instant() - began)
  }
  return times
}

async function sessionOfThread(client: HubClient, threadId: string): Promise<string> {
  let pageToken: string | undefined
  do {
    const page = await client.request('session/list', { limit: PAGE, ...(pageToken ? { pageToken } : {}) })
    const found = page.sessions.find((session) => session.threadId === threadId)
    if (found) return found.id
    pageToken = page.nextPageToken ?? undefined
  } while (pageToken)
  throw new Error(`no session has thread ${threadId}`)
}
