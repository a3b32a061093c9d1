/** A command in Codex's sandbox, with no thread: its output as it comes, its input, its end. */
import type { SettingsRequest } from '../../../protocol/settings.ts'
import { ConnectorError } from '../../connector.ts'
import { asFields, asNumber, asText } from '../decode.ts'
import type { HomeLine } from '../requests.ts'
import { sandboxPolicyOf } from '../settings.ts'
import { need } from './need.ts'

export interface CommandRequest {
  /** Of the caller's making; names the command in this process of Codex. */
  readonly processId: string
  readonly command: readonly string[]
  readonly cwd: string
  readonly sandbox: SettingsRequest['sandbox'] | null
  readonly timeoutMs: number | null
  readonly stdin: boolean
}

export interface RunningCommand {
  /** False in releases that tell the output at the end, and end a command by its timeout only (0.98 and earlier). */
  readonly isLive: boolean
  /** @throws ConnectorError */
  readonly ended: Promise<{ exitCode: number }>
  /** @throws ConnectorError */
  write(text: string, close: boolean): Promise<void>
  /** @throws ConnectorError */
  terminate(): Promise<void>
}

export type OnOutput = (stream: 'stdout' | 'stderr', text: string) => void

/** The answer comes with the command's end; nothing waits longer than this. */
const LONGEST_MS = 24 * 60 * 60_000
/** Beyond the command's own timeout, for Codex to tell of it. */
const TELL_MS = 30_000

/** Have it started; whether it could be is told by `ended`. @throws ConnectorError `unsupported` */
export function runCommand(line: HomeLine, request: CommandRequest, onOutput: OnOutput): RunningCommand {
  need(line, 'command/exec')
  const { processId, command, cwd, sandbox, timeoutMs, stdin } = request
  const isLive = line.methods.has('command/exec/terminate')
  const unfollow = isLive ? followOutput(line, processId, onOutput) : () => {}
  const streaming = {
    processId,
    streamStdoutStderr: true,
    streamStdin: stdin,
    disableOutputCap: true,
    ...(timeoutMs === null ? { disableTimeout: true } : { timeoutMs }),
  }
  const asked = line.ask(
    'command/exec',
    {
      command: [...command],
      cwd,
      ...(sandbox === null || sandbox === undefined ? {} : { sandboxPolicy: sandboxPolicyOf(sandbox) }),
      ...(isLive ? streaming : { timeoutMs: timeoutMs ?? LONGEST_MS }),
    },
    timeoutMs === null ? LONGEST_MS : timeoutMs + TELL_MS,
  )
  return {
    isLive,
    ended: asked.finally(unfollow).then((answer) => {
      const fields = asFields(answer)
      for (const stream of ['stdout', 'stderr'] as const) {
        const text = asText(fields?.[stream])
        if (text) onOutput(stream, text)
      }
      return { exitCode: asNumber(fields?.exitCode) ?? -1 }
    }),
    async write(text, close) {
      if (!stdin || !isLive)
        throw new ConnectorError('refused', 'This command takes no input.', { processId })
      await line.ask('command/exec/write', {
        processId,
        ...(text === '' ? {} : { deltaBase64: Buffer.from(text, 'utf8').toString('base64') }),
        closeStdin: close,
      })
    },
    async terminate() {
      need(line, 'command/exec/terminate')
      await line.ask('command/exec/terminate', { processId })
    },
  }
}

function followOutput(line: HomeLine, processId: string, onOutput: OnOutput): () => void {
  // A character may come in two pieces.
  const decoders = { stdout: new TextDecoder(), stderr: new TextDecoder() }
  return line.follow((method, params) => {
    const fields = asFields(params)
    if (method !== 'command/exec/outputDelta' || fields?.processId !== processId) return
    const stream = fields.stream === 'stderr' ? 'stderr' : 'stdout'
    const bytes = Buffer.from(asText(fields.deltaBase64) ?? '', 'base64')
    const text = decoders[stream].decode(bytes, { stream: true })
    if (text !== '') onOutput(stream, text)
  })
}
