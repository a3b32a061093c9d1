/** Commands that a thread left running in the background. */
import { asFields, asText } from '../decode.ts'
import type { ThreadLine } from '../requests.ts'
import { need, readNamed, readPages } from './need.ts'

export interface RunningTerminal {
  readonly processId: string
  readonly itemId: string
  readonly command: string
  readonly cwd: string
}

/** @throws ConnectorError */
export async function listTerminals(line: ThreadLine): Promise<RunningTerminal[]> {
  need(line, 'thread/backgroundTerminals/list')
  const { threadId } = line
  const entries = await readPages((page) =>
    line.ask('thread/backgroundTerminals/list', { threadId, ...page }),
  )
  return readNamed(entries, 'processId', (processId, fields) => ({
    processId,
    itemId: asText(fields.itemId) ?? '',
    command: asText(fields.command) ?? '',
    cwd: asText(fields.cwd) ?? '',
  }))
}

/** @returns whether it still ran. @throws ConnectorError */
export async function terminateTerminal(line: ThreadLine, processId: string): Promise<boolean> {
  need(line, 'thread/backgroundTerminals/terminate')
  const answer = await line.ask('thread/backgroundTerminals/terminate', {
    threadId: line.threadId,
    processId,
  })
  return asFields(answer)?.terminated === true
}

/** End all of them. @throws ConnectorError */
export async function cleanTerminals(line: ThreadLine): Promise<void> {
  need(line, 'thread/backgroundTerminals/clean')
  await line.ask('thread/backgroundTerminals/clean', { threadId: line.threadId })
}
