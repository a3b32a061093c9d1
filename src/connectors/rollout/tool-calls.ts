/**
 * Tools, from the call the model made to the output it was given. A call without an output is the only sign that a tool
 * runs or that somebody is asked for leave elsewhere, so it is shown at once; a typed item of the same id replaces it.
 */
import { asFields, asText, asTexts, type Fields } from '../codex/decode.ts'
import type { SourceItem } from '../event.ts'
import { readToolOutput, type ToolOutput } from './exec-output.ts'
import { KNOWN_TERMINALS, type OpenCall, type OpenTurn } from './parser-state.ts'
import { findPatch, readPatchText } from './patch.ts'
import { quoteCommand } from './quote-command.ts'
import type { Reading } from './reading.ts'
import { openTurn } from './turns.ts'

/** `function_call`, `custom_tool_call` and `local_shell_call`. */
export function onToolCall(reading: Reading, call: Fields): void {
  const callId = asText(call.call_id) ?? asText(call.id)
  if (callId === null || Object.hasOwn(reading.state.calls, callId)) return
  const turn = openTurn(reading)
  turn.answered = false
  reading.state.reasoning = null
  const opened = readCall(reading, turn, callId, call)
  reading.state.calls[callId] = opened
  if (opened.item) reading.item(turn.id, opened.item)
}

function readCall(reading: Reading, turn: OpenTurn, callId: string, call: Fields): OpenCall {
  const name = asText(call.name) ?? 'local_shell'
  const args = readArguments(call.arguments)
  const base = { turnId: turn.id }
  if (name === 'update_plan') {
    onPlan(reading, turn, args)
    return { ...base, kind: 'plan', item: null }
  }
  if (name === 'write_stdin')
    return { ...base, kind: 'input', item: null, terminal: String(args.session_id ?? '') }
  const cwd = asText(args.workdir) ?? asText(args.working_directory) ?? reading.state.cwd
  const words = name === 'apply_patch' ? [name, asText(call.input) ?? ''] : readWords(name, args, call)
  const patch = words && findPatch(words)
  if (patch) {
    const body = { changes: readPatchText(patch, cwd), status: 'inProgress' }
    return { ...base, kind: 'patch', item: inProgress(reading, callId, 'fileChange', body) }
  }
  if (words) {
    const command = words.length === 1 ? (words[0] ?? '') : quoteCommand(words)
    const body = {
      command,
      cwd: cwd ?? '',
      processId: null,
      source: name === 'exec_command' ? 'unifiedExecStartup' : 'agent',
      status: 'inProgress',
      commandActions: [{ type: 'unknown', command }],
      aggregatedOutput: null,
      exitCode: null,
      durationMs: null,
    }
    return { ...base, kind: 'command', item: inProgress(reading, callId, 'commandExecution', body) }
  }
  const namespace = asText(call.namespace)
  const mcp = /^mcp__(.+?)__(.+)$/.exec(namespace === null ? name : `${namespace}__${name}`)
  if (mcp) {
    const body = {
      server: mcp[1],
      tool: mcp[2],
      status: 'inProgress',
      arguments: args,
      result: null,
      error: null,
    }
    return { ...base, kind: 'mcp', item: inProgress(reading, callId, 'mcpToolCall', body) }
  }
  if (name === 'view_image') {
    const item = inProgress(reading, callId, 'imageView', { path: asText(args.path) ?? '' })
    return { ...base, kind: 'tool', item }
  }
  const input = asText(call.input)
  const body = {
    namespace,
    tool: name,
    arguments: input ?? args,
    status: 'inProgress',
    contentItems: null,
    success: null,
  }
  return { ...base, kind: 'tool', item: inProgress(reading, callId, 'dynamicToolCall', body) }
}

/** The command of a tool that runs one; null for other tools. */
function readWords(name: string, args: Fields, call: Fields): readonly string[] | null {
  switch (name) {
    case 'shell':
    case 'container.exec':
      return typeof args.command === 'string' ? [args.command] : asTexts(args.command)
    case 'shell_command':
      return [asText(args.command) ?? '']
    case 'exec_command':
      return [asText(args.cmd) ?? '']
    case 'local_shell':
      return asTexts(asFields(call.action)?.command)
    default:
      return null
  }
}

function readArguments(value: unknown): Fields {
  if (typeof value !== 'string') return asFields(value) ?? {}
  try {
    return asFields(JSON.parse(value)) ?? {}
  } catch {
    return {}
  }
}

function inProgress(reading: Reading, id: string, type: string, body: Fields): SourceItem {
  return { id, type, status: 'inProgress', startedAt: reading.at, completedAt: null, body }
}

function onPlan(reading: Reading, turn: OpenTurn, args: Fields): void {
  if (!Array.isArray(args.plan)) return
  const steps = args.plan.flatMap((entry) => {
    const step = asText(asFields(entry)?.step)
    const status = asText(asFields(entry)?.status) ?? 'pending'
    return step === null ? [] : [{ step, status: status === 'in_progress' ? 'inProgress' : status }]
  })
  reading.emit({ type: 'plan', plan: { turnId: turn.id, explanation: asText(args.explanation), steps } })
}

/** `function_call_output` and `custom_tool_call_output`. */
export function onToolOutput(reading: Reading, payload: Fields): void {
  const { state } = reading
  const callId = asText(payload.call_id)
  const call = callId === null ? undefined : own(state.calls, callId)
  // Nothing to do where the typed item came first, or the turn was reverted.
  if (callId === null || !call) return
  delete state.calls[callId]
  const output = readToolOutput(payload.output)
  if (call.kind === 'input') {
    onTerminalOutput(reading, call.terminal ?? '', output)
    return
  }
  const { item, turnId } = call
  if (!item) return
  if (call.kind === 'command' && output.terminal !== null) {
    const body = { ...item.body, processId: output.terminal, aggregatedOutput: output.text || null }
    const running = { ...item, body }
    if (Object.keys(state.terminals).length < KNOWN_TERMINALS)
      state.terminals[output.terminal] = { callId, turnId, item: running }
    reading.item(turnId, running)
    return
  }
  reading.item(turnId, complete(reading, call.kind, item, output))
}

function complete(
  reading: Reading,
  kind: OpenCall['kind'],
  item: SourceItem,
  output: ToolOutput,
): SourceItem {
  const status = statusOf(kind, output)
  const ended = { ...item, status, completedAt: reading.at }
  // `imageView` and the like have no status of their own.
  const body = 'status' in item.body ? { ...item.body, status } : item.body
  switch (kind) {
    case 'command': {
      const shown = output.fate === 'declined' || output.fate === 'aborted' ? null : output.text || null
      const { exitCode, durationMs } = output
      return { ...ended, body: { ...body, aggregatedOutput: shown, exitCode, durationMs } }
    }
    case 'mcp': {
      const content = [{ type: 'text', text: output.text }]
      return { ...ended, body: { ...body, result: { content, structuredContent: null, _meta: null } } }
    }
    case 'tool': {
      if (!('contentItems' in body)) return ended
      const contentItems = [{ type: 'inputText', text: output.text }]
      return { ...ended, body: { ...body, contentItems, success: status === 'completed' } }
    }
    default:
      return { ...ended, body }
  }
}

function statusOf(kind: OpenCall['kind'], output: ToolOutput): 'completed' | 'failed' | 'declined' {
  if (output.fate === 'declined') return 'declined'
  // An app-server calls a command that was cut short failed as well.
  if (output.fate !== 'ended') return 'failed'
  if (output.exitCode !== null) return output.exitCode === 0 ? 'completed' : 'failed'
  return kind === 'patch' && !/^Success\b/m.test(output.text) ? 'failed' : 'completed'
}

/** More output of a command that went on in the background, and perhaps its end. */
function onTerminalOutput(reading: Reading, name: string, output: ToolOutput): void {
  const { terminals } = reading.state
  const terminal = own(terminals, name)
  if (!terminal) return
  const text = `${terminal.item.body.aggregatedOutput ?? ''}${output.text}`
  if (output.fate === 'running') {
    terminal.item = { ...terminal.item, body: { ...terminal.item.body, aggregatedOutput: text || null } }
    if (output.text !== '') reading.item(terminal.turnId, terminal.item)
    return
  }
  if (output.exitCode === null) return
  delete terminals[name]
  reading.item(terminal.turnId, complete(reading, 'command', terminal.item, { ...output, text }))
}

/** A typed item told all there is to know about this call. */
export function forgetCall(reading: Reading, callId: string): void {
  const { calls, terminals } = reading.state
  delete calls[callId]
  for (const [name, terminal] of Object.entries(terminals))
    if (terminal.callId === callId) delete terminals[name]
}

/** Call ids come from outside: `constructor` must not find anything. */
function own<T>(record: Record<string, T>, key: string): T | undefined {
  return Object.hasOwn(record, key) ? record[key] : undefined
}
