import { appendFileSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { zstdCompressSync } from 'node:zlib'
import fc from 'fast-check'
import { afterEach, expect, test } from 'vitest'
import { outlineThread } from '../../../src/connectors/rollout/head-tail.ts'
import { type ReadState, RolloutReader } from '../../../src/connectors/rollout/reader.ts'
import { event, itemsOf, meta, parseRecording, readAll, recordingPath, VERSIONS } from './rollouts.ts'

const folders: string[] = []
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true })
})

function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'rollout-reader-'))
  folders.push(folder)
  return folder
}

const THREAD = '01a1fbca-8c39-7a63-9526-929512ff68b1'
const PART = '01a1fbca-9aa6-7782-9c46-b69105e1198c'
const NAME = `rollout-2026-01-01T00-00-00-${THREAD}.jsonl`
const path = (content: string | Buffer = '') => {
  const file = join(newFolder(), NAME)
  writeFileSync(file, content)
  return file
}
const say = (text: string, ordinal?: number) => event('agent_message', { message: text }, ordinal)
const said = (events: Parameters<typeof itemsOf>[0]) => itemsOf(events).map(({ body }) => body.text)
const stored = (state: ReadState): ReadState => JSON.parse(JSON.stringify(state))

test('[ROL13] a file read in pieces by many readers gives what one reader reads at once', async () => {
  for (const version of VERSIONS) {
    const file = recordingPath(version)
    const whole = await readAll(new RolloutReader([file], null))
    expect(whole.events, version).toEqual(parseRecording(version).events)
    const pieces = []
    let state: ReadState | null = null
    for (;;) {
      const reader = new RolloutReader([file], state && stored(state), { batchBytes: 4_096 })
      // A line may be longer than a batch: then the place does not move until it was seen whole.
      let batch = await reader.read()
      while (batch.bytes === 0 && !batch.atEnd) batch = await reader.read()
      await reader.close()
      pieces.push(...batch.events)
      state = batch.state
      if (batch.atEnd) break
    }
    expect(pieces, version).toEqual(whole.events)
    expect(state, version).toEqual(whole.state)
  }
})

test('[ROL14] only lines that ended are read, and a character cut in two comes out whole', async () => {
  const line = Buffer.from(say('héllo 你好'))
  const file = path(line.subarray(0, line.length - 6))
  const reader = new RolloutReader([file], null)
  const first = await reader.read()
  expect([first.events, first.bytes, first.state.offset]).toEqual([[], 0, 0])
  // Cut inside the three bytes of a character: byte by byte from here.
  for (let at = line.length - 6; at < line.length; at += 1) {
    appendFileSync(file, line.subarray(at, at + 1))
    const batch = await reader.read()
    expect(batch.events.length > 0).toBe(at === line.length - 1)
    if (at === line.length - 1) expect(said(batch.events)).toEqual(['héllo 你好'])
  }
})

test('[ROL14] a line separator of Unicode does not end a line', async () => {
  const file = path(say('one two\u2028three').replace('\\u2028', '\u2028'))
  expect(said((await readAll(new RolloutReader([file], null))).events)).toEqual(['one two\u2028three'])
})

test('[ROL15] a line that cannot be read costs that line', async () => {
  const file = path(
    `${say('a')}{"timestamp":"x","type":"ev\nnot json\n\n[]\n{"type":"event_msg"}\n${say('b')}`,
  )
  const { events, state } = await readAll(new RolloutReader([file], null))
  expect(said(events)).toEqual(['a', 'b'])
  expect(state.badLines).toBe(4)
})

test('[ROL15] an empty file is read as nothing, and then what is written to it', async () => {
  const file = path()
  const reader = new RolloutReader([file], null)
  const empty = await reader.read()
  expect(empty).toMatchObject({ events: [], bytes: 0, atEnd: true, restarted: false })
  appendFileSync(file, say('a'))
  const next = await new RolloutReader([file], stored(empty.state)).read()
  expect([said(next.events), next.restarted]).toEqual([['a'], false])
})

test('[ROL16] a line over the limit is passed over with a warning, however often reading is interrupted', async () => {
  const long = say('x'.repeat(50_000))
  const file = path(`${say('a')}${long}${say('b')}`)
  const options = { batchBytes: 1_000, maxLineBytes: 10_000 }
  const whole = await readAll(new RolloutReader([file], null, options))
  const message = `A line of ${long.length} bytes in the rollout was passed over: it is longer than this hub reads.`
  expect(whole.events.filter((each) => each.type === 'warning')).toEqual([{ type: 'warning', message }])
  expect(said(whole.events)).toEqual(['a', 'b'])
  // A new reader for every three batches: inside the long line only its length so far is known.
  const pieces = []
  let state: ReadState | null = null
  for (let atEnd = false; !atEnd; ) {
    const reader = new RolloutReader([file], state && stored(state), options)
    for (let turn = 0; turn < 15 && !atEnd; turn += 1) {
      const batch = await reader.read()
      pieces.push(...batch.events)
      state = batch.state
      atEnd = batch.atEnd
    }
    await reader.close()
  }
  expect(pieces).toEqual(whole.events)
})

test('[ROL17] a file that shrank is read from the start', async () => {
  const file = path(say('a') + say('b') + say('c'))
  const { state } = await readAll(new RolloutReader([file], null))
  writeFileSync(file, say('a') + say('d'))
  const again = await readAll(new RolloutReader([file], stored(state)))
  expect([said(again.events), again.restarted]).toEqual([['a', 'd'], true])
})

test('[ROL17] another file under the same name is read from the start', async () => {
  const file = path(say('a'))
  const { state } = await readAll(new RolloutReader([file], null))
  const other = join(newFolder(), 'other')
  writeFileSync(other, say('b') + say('c') + say('d'))
  renameSync(other, file)
  const again = await readAll(new RolloutReader([file], stored(state)))
  expect([said(again.events), again.restarted]).toEqual([['b', 'c', 'd'], true])
})

test('[ROL18] reading goes on where it was when the file is moved, compressed or restored', async () => {
  const file = path(say('a'))
  const reader = new RolloutReader([file], null)
  expect(said((await readAll(reader)).events)).toEqual(['a'])
  const archived = join(newFolder(), NAME)
  renameSync(file, archived)
  reader.follow([archived])
  appendFileSync(archived, say('b'))
  const moved = await readAll(reader)
  expect([said(moved.events), moved.restarted]).toEqual([['b'], false])
  const packed = `${archived}.zst`
  const c = say('c')
  writeFileSync(packed, zstdCompressSync(Buffer.concat([readFileSync(archived), Buffer.from(c)])))
  reader.follow([packed])
  const compressed = await readAll(reader)
  expect([said(compressed.events), compressed.restarted]).toEqual([['c'], false])
  const restored = join(newFolder(), NAME)
  writeFileSync(restored, Buffer.concat([readFileSync(archived), Buffer.from(c + say('d'))]))
  const again = await readAll(new RolloutReader([restored], stored(compressed.state)))
  expect([said(again.events), again.restarted]).toEqual([['d'], false])
})

test('[ROL18] a compressed recording reads like the plain one, in small batches too', async () => {
  const file = join(newFolder(), `${NAME}.zst`)
  writeFileSync(file, zstdCompressSync(readFileSync(recordingPath('0.169.0'))))
  const reader = new RolloutReader([file], null, { batchBytes: 5_000 })
  expect((await readAll(reader)).events).toEqual(parseRecording('0.169.0').events)
})

test('[ROL18] a damaged compressed file is an error of that file, and the reader can be used again', async () => {
  const file = join(newFolder(), `${NAME}.zst`)
  writeFileSync(file, 'this is not zstd')
  const reader = new RolloutReader([file], null)
  await expect(reader.read()).rejects.toThrow()
  writeFileSync(file, zstdCompressSync(Buffer.from(say('a'))))
  expect(said((await readAll(reader)).events)).toEqual(['a'])
})

test('[ROL19] a line whose ordinal was seen is not read again', async () => {
  const file = path(say('a', 0) + say('b', 1))
  const { state } = await readAll(new RolloutReader([file], null))
  appendFileSync(file, say('b', 1) + say('a', 0) + say('c', 2))
  expect(said((await readAll(new RolloutReader([file], stored(state)))).events)).toEqual(['c'])
})

test('[ROL12] a reverted thread goes on in its next file, and the reverted turns are removed', async () => {
  const turn = (id: string, ordinal: number) =>
    event('task_started', { turn_id: id }, ordinal) +
    say(`in ${id}`, ordinal + 1) +
    event('task_complete', { turn_id: id }, ordinal + 2)
  const folder = newFolder()
  const first = join(folder, NAME)
  const second = join(folder, `rollout-2026-01-01T00-00-05-${THREAD}_${PART}.jsonl`)
  writeFileSync(first, meta(THREAD, {}, 0) + turn('t1', 1) + turn('t2', 4))
  const reader = new RolloutReader([first], null)
  expect(said((await readAll(reader)).events)).toEqual(['in t1', 'in t2'])
  const base = { thread_id: THREAD, end_ordinal_exclusive: 4 }
  writeFileSync(second, meta(THREAD, { history_base: base }, 4) + turn('t3', 5))
  reader.follow([second, first])
  const next = await readAll(reader)
  expect(next.events.filter((each) => each.type === 'removed')).toEqual([
    { type: 'removed', turnIds: ['t2'] },
  ])
  expect([said(next.events), next.restarted]).toEqual([['in t3'], false])
  const fresh = await readAll(new RolloutReader([second, first], null))
  expect(fresh.state).toEqual(next.state)
})

test('[ROL15] a file that cannot be read is an error that loses nothing', async () => {
  const file = path(say('a'))
  const reader = new RolloutReader([file], null)
  await readAll(reader)
  rmSync(file)
  await expect(reader.read()).rejects.toThrow('ENOENT')
  writeFileSync(file, say('b'))
  const again = await readAll(reader)
  expect([said(again.events), again.restarted]).toEqual([['b'], true])
})

test('[ROL15] whatever bytes a file holds, reading never fails, and pieces give what the whole gives', async () => {
  const sources = VERSIONS.map((version) => readFileSync(recordingPath(version)))
  const damage = fc.record({ at: fc.nat(), byte: fc.integer({ min: 0, max: 255 }), cut: fc.nat(400) })
  const property = fc.asyncProperty(
    fc.constantFrom(...sources),
    fc.array(damage, { maxLength: 40 }),
    fc.integer({ min: 100, max: 9_000 }),
    async (source, damages, batchBytes) => {
      let bytes: Buffer = Buffer.from(source)
      for (const { at, byte, cut } of damages) {
        const place = at % bytes.length
        bytes[place] = byte
        bytes = Buffer.concat([bytes.subarray(0, place + 1), bytes.subarray(place + 1 + cut)])
      }
      const file = path(bytes)
      const whole = await readAll(new RolloutReader([file], null))
      const pieces = await readAll(new RolloutReader([file], null, { batchBytes }))
      expect(pieces.events).toEqual(whole.events)
      await outlineThread(THREAD, [file])
    },
  )
  await fc.assert(property, { numRuns: 60 })
})

test("[ROL34] a fork begins with its parent's past, up to where it left it, in any pieces", async () => {
  const folder = newFolder()
  const [old, parent, fork] = ['1', '2', '3'].map((digit) => THREAD.replace(/.$/, digit)) as [
    string,
    string,
    string,
  ]
  const write = (name: string, ...lines: string[]) => {
    const file = join(folder, `rollout-2026-01-01T00-00-${name}.jsonl`)
    writeFileSync(file, lines.join(''))
    return file
  }
  const base = (threadId: string, end: number) => ({
    history_base: { thread_id: threadId, end_ordinal_exclusive: end },
  })
  const turn = (name: string, ordinal: number) =>
    event('task_started', { turn_id: name }, ordinal) +
    say(name, ordinal + 1) +
    event('task_complete', { turn_id: name }, ordinal + 2)
  const oldFile = write(`00-${old}`, meta(old, {}, 0), turn('a', 1), turn('b', 4), turn('not the fork', 7))
  const parentFile = write(
    `01-${parent}`,
    meta(parent, base(old, 7), 7),
    turn('undone', 8),
    turn('undone too', 11),
  )
  // The parent was reverted before the fork, and once more after it.
  const before = write(
    `02-${parent}_${PART}`,
    meta(parent, base(parent, 8), 8),
    turn('kept', 9),
    turn('late', 12),
  )
  const after = write(`09-${parent}_${PART.replace(/.$/, 'f')}`, meta(parent, base(parent, 4), 4))
  const own = write(`05-${fork}`, meta(fork, { cwd: '/fork', ...base(parent, 12) }, 12), turn('own', 13))
  const bases = [
    { threadId: old, paths: [oldFile], endOrdinal: 7 },
    { threadId: parent, paths: [after, before, parentFile], endOrdinal: 12 },
  ]
  const whole = await readAll(new RolloutReader([own], null, { bases }))
  const removed = whole.events.flatMap((each) => (each.type === 'removed' ? each.turnIds : []))
  expect(said(whole.events).filter((text) => !removed.includes(String(text)))).toEqual([
    'a',
    'b',
    'kept',
    'own',
  ])
  expect(whole.events.flatMap((each) => (each.type === 'thread' ? [each.facts] : []))).toMatchObject([
    { threadId: fork, cwd: '/fork' },
  ])
  const pieces = []
  let state: ReadState | null = null
  for (;;) {
    const reader = new RolloutReader([own], state && stored(state), { bases, batchBytes: 100 })
    let batch = await reader.read()
    while (batch.bytes === 0 && !batch.atEnd && batch.state.part === state?.part) batch = await reader.read()
    await reader.close()
    pieces.push(...batch.events)
    state = batch.state
    if (batch.atEnd) break
  }
  expect(pieces).toEqual(whole.events)
  expect(state).toEqual(whole.state)
  // What is written later is read on from there.
  appendFileSync(own, turn('later', 16))
  expect(said((await new RolloutReader([own], state, { bases }).read()).events)).toEqual(['later'])
})
