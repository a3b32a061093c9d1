/**
 * Reads an exported session line by line, so that its size does not matter, and proves every value by its schema. One that
 * another program wrote anew, in other lines, is read as a whole where it is not too large. It believes nothing.
 */
import { open, readFile, stat } from 'node:fs/promises'
import type { z } from 'zod'
import { LineSplitter } from '../../connectors/rollout/line-splitter.ts'
import { approvalSchema } from '../../protocol/approval.ts'
import { HubError } from '../../protocol/errors.ts'
import {
  EXPORT_FORMAT,
  EXPORT_VERSION,
  exportAboutSchema,
  exportDetailsSchema,
  exportEndSchema,
} from '../../protocol/export.ts'
import { foreignSchema, itemSchema } from '../../protocol/item.ts'
import { turnSchema } from '../../protocol/turn.ts'

const CHUNK_BYTES = 256 * 1024
const MAX_LINE_BYTES = 256 * 1024 * 1024
/** A document in other lines than the hub's is read at once, up to here. */
const MAX_WHOLE_BYTES = 64 * 1024 * 1024

/** In the order in which they stand. The session itself is taken leniently: other releases know other fields. */
const VALUES = { about: exportAboutSchema, session: foreignSchema, details: exportDetailsSchema.loose() }
const LISTS = { turns: turnSchema.loose(), items: itemSchema.loose(), approvals: approvalSchema.loose() }

export type ExportPart =
  | { readonly kind: keyof typeof VALUES; readonly value: unknown }
  | { readonly kind: keyof typeof LISTS; readonly value: unknown }

type ValueOf<K extends keyof typeof VALUES | keyof typeof LISTS> = z.infer<(typeof VALUES & typeof LISTS)[K]>
export type PartOf<K extends ExportPart['kind']> = ValueOf<K>

/** All parts, in their order. @throws HubError `invalidFile` where something is missing, wrong or of a newer version */
export async function* readExport(path: string): AsyncGenerator<ExportPart> {
  const counts = { turns: 0, items: 0, approvals: 0 }
  let line = 0
  for await (const { kind, value, at } of rawParts(path)) {
    line = at
    if (kind === 'end') {
      const end = exportEndSchema.safeParse(value)
      if (
        !end.success ||
        Object.entries(counts).some(([name, count]) => end.data[name as keyof typeof counts] !== count)
      )
        throw invalid('incomplete', 'The file does not hold as much as its end says.', { counts })
      return
    }
    if (kind === 'about') refuseForeign(value)
    const schema = { ...VALUES, ...LISTS }[kind]
    const parsed = schema.safeParse(value)
    if (!parsed.success) {
      const [issue] = parsed.error.issues
      throw invalid(
        'corrupt',
        `Line ${at} of the file is wrong: ${issue?.path.join('.')}: ${issue?.message}`,
        { line: at },
      )
    }
    if (kind in counts) counts[kind as keyof typeof counts] += 1
    // As it came: a schema's own copy loses a key named `__proto__`, which tool arguments do contain.
    yield { kind, value }
  }
  throw invalid('incomplete', `The file ends after line ${line}, before the session does.`, { line })
}

interface Raw {
  readonly kind: ExportPart['kind'] | 'end'
  readonly value: unknown
  readonly at: number
}

async function* rawParts(path: string): AsyncGenerator<Raw> {
  let list: keyof typeof LISTS | null = null
  let at = 0
  for await (const text of linesOf(path)) {
    at += 1
    if (text === '') continue
    if (at === 1) {
      const about = text.startsWith('{"format":') ? parseOrNull(`${withoutComma(text)}}`) : undefined
      if (about === undefined) {
        yield* wholeParts(path)
        return
      }
      yield { kind: 'about', value: about, at }
    } else if (text.startsWith(']')) list = null
    else if (list !== null) yield { kind: list, value: parse(withoutComma(text), at), at }
    else {
      const opened = /^"(turns|items|approvals)":\[$/.exec(text)?.[1]
      if (opened !== undefined) list = opened as keyof typeof LISTS
      else if (text.startsWith('"end":')) yield { kind: 'end', value: endOf(parse(`{${text}`, at)), at }
      else yield* named(parse(`{${withoutComma(text)}}`, at), at)
    }
  }
}

function* named(value: unknown, at: number): Generator<Raw> {
  for (const [key, each] of Object.entries(value as object)) {
    if (key === 'session' || key === 'details') yield { kind: key, value: each, at }
  }
}

const endOf = (value: unknown): unknown => (value as { end?: unknown }).end

/** The same document, in whatever lines. */
async function* wholeParts(path: string): AsyncGenerator<Raw> {
  const { size } = await stat(path)
  if (size > MAX_WHOLE_BYTES)
    throw invalid('notAnExport', 'The file is not written as codex-hub writes exports.')
  const whole = parseOrNull(await readFile(path, 'utf8'))
  const parts = foreignSchema.safeParse(whole)
  if (!parts.success)
    throw invalid('notAnExport', 'The file is no JSON object; only a JSON export can be imported.')
  const { session, details, turns, items, approvals, end, ...about } = parts.data
  yield { kind: 'about', value: about, at: 1 }
  yield { kind: 'session', value: session, at: 1 }
  yield { kind: 'details', value: details, at: 1 }
  for (const [kind, list] of Object.entries({ turns, items, approvals })) {
    if (!Array.isArray(list)) throw invalid('corrupt', `The file has no list "${kind}".`)
    for (const value of list) yield { kind: kind as keyof typeof LISTS, value, at: 1 }
  }
  if (end !== undefined) yield { kind: 'end', value: end, at: 1 }
}

async function* linesOf(path: string): AsyncGenerator<string> {
  const handle = await open(path, 'r')
  let ready: string[] = []
  const sink = {
    line: (bytes: Buffer) => void ready.push(bytes.toString('utf8').trim()),
    tooLong: () => {
      throw invalid('corrupt', `A line of the file is longer than ${MAX_LINE_BYTES} bytes.`)
    },
  }
  try {
    const splitter = new LineSplitter(MAX_LINE_BYTES)
    const chunk = Buffer.allocUnsafe(CHUNK_BYTES)
    for (;;) {
      const { bytesRead } = await handle.read(chunk, 0, chunk.length)
      if (bytesRead === 0) break
      splitter.push(chunk.subarray(0, bytesRead), sink)
      yield* ready
      ready = []
    }
    splitter.push(Buffer.from('\n'), sink)
    yield* ready
  } finally {
    await handle.close()
  }
}

function refuseForeign(value: unknown): void {
  const { format, version } = value as { format?: unknown; version?: unknown }
  if (format !== EXPORT_FORMAT)
    throw invalid('notAnExport', `The file is no export of a session ("format" is not "${EXPORT_FORMAT}").`)
  if (typeof version === 'number' && version > EXPORT_VERSION) {
    throw invalid(
      'newerVersion',
      `The file is of version ${version}; this hub reads versions up to ${EXPORT_VERSION}. Update codex-hub.`,
      { version, reads: EXPORT_VERSION },
    )
  }
}

const withoutComma = (text: string): string => (text.endsWith(',') ? text.slice(0, -1) : text)

function parse(text: string, at: number): unknown {
  const value = parseOrNull(text)
  if (value === undefined) throw invalid('corrupt', `Line ${at} of the file is damaged.`, { line: at })
  return value
}

/** Undefined for what is no JSON. */
function parseOrNull(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

export function invalid(reason: string, message: string, facts: Record<string, unknown> = {}): HubError {
  return new HubError('invalidFile', message, { reason, ...facts })
}
