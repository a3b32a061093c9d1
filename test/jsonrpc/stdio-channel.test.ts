import { PassThrough, Writable } from 'node:stream'
import { setImmediate } from 'node:timers/promises'
import { afterEach, expect, test } from 'vitest'
import { type PipedChild, spawnPipedChild } from '../../src/connectors/process/spawn-child.ts'
import type { DroppedLine } from '../../src/jsonrpc/line-framer.ts'
import { Peer } from '../../src/jsonrpc/peer.ts'
import { StdioChannel, type StdioChannelOptions } from '../../src/jsonrpc/stdio-channel.ts'
import { ManualClock } from '../harness/manual-clock.ts'
import { fixture } from '../harness/programs.ts'
import { channelContract, Witness } from './channel-contract.ts'

const children: PipedChild[] = []

afterEach(async () => {
  for (const child of children.splice(0)) {
    try {
      process.kill(-child.pid, 'SIGKILL')
    } catch {
      // Gone already.
    }
    await child.exited
  }
})

async function start(program: string, args: string[] = [], options: Partial<StdioChannelOptions> = {}) {
  const child = await spawnPipedChild({
    command: process.execPath,
    args: [fixture(program), ...args],
    cwd: '/',
  })
  children.push(child)
  return { child, channel: new StdioChannel({ ...child, ...options }) }
}

function pipes() {
  const stdin = new PassThrough()
  const stdout = new PassThrough()
  const exit = Promise.withResolvers<{ code: number | null; signal: string | null }>()
  const clock = new ManualClock()
  const channel = new StdioChannel({ stdin, stdout, exited: exit.promise, clock, settleMs: 1000 })
  return { stdin, stdout, exit: exit.resolve, clock, channel }
}

const EXITED = { kind: 'exited', message: 'the process exited with code 0', code: 0, signal: null } as const

channelContract('a child over stdin and stdout', async () => {
  const { stdin, stdout, exit, channel } = pipes()
  return {
    channel,
    say: async (text) => {
      stdout.write(`${text}\n`)
      await setImmediate()
    },
    hear: async () => {
      let heard = ''
      for await (const chunk of stdin) {
        heard += chunk
        if (heard.endsWith('\n')) return heard.slice(0, -1)
      }
      throw new Error('stdin ended before a message')
    },
    hangUp: () => {
      stdout.end()
      exit({ code: 0, signal: null })
    },
    hangUpCause: EXITED,
  }
})

test('[RPC10] the exit is the cause although the pipes broke first, and what was written comes before it', async () => {
  const { channel } = await start('dies-mid-turn.mjs', ['7'])
  const witness = new Witness()
  channel.start(witness)
  channel.send('{"id":0,"method":"turn/start"}')
  for (let more = 0; more < 200; more++) channel.send(JSON.stringify({ method: 'x'.repeat(10_000) }))
  await witness.until(2)
  expect(witness.seen).toEqual([
    '{"method":"turn/started","params":{"turn":{"id":"t1"}}}',
    { kind: 'exited', message: 'the process exited with code 7', code: 7, signal: null },
  ])
})

test('[RPC10] a signal that ended the process is told', async () => {
  const { child, channel } = await start('deaf-to-sigterm.mjs')
  const witness = new Witness()
  channel.start(witness)
  await witness.until(1)
  process.kill(child.pid, 'SIGKILL')
  await witness.until(2)
  expect(witness.seen).toEqual([
    '{"method":"ready"}',
    { kind: 'exited', message: 'the process was ended by SIGKILL', code: null, signal: 'SIGKILL' },
  ])
})

test('[RPC10] EPIPE before the news of the exit is not the cause', async () => {
  const stdout = new PassThrough()
  const broken = new Writable({ write: (_chunk, _encoding, done) => done(new Error('write EPIPE')) })
  const exit = Promise.withResolvers<{ code: number | null; signal: string | null }>()
  const channel = new StdioChannel({ stdin: broken, stdout, exited: exit.promise })
  const witness = new Witness()
  channel.start(witness)
  channel.send('{}')
  await setImmediate()
  expect(witness.seen).toEqual([])
  stdout.end('"said before"\n')
  exit.resolve({ code: 0, signal: null })
  await witness.until(2)
  expect(witness.seen).toEqual(['"said before"', EXITED])
})

test('[RPC11] a process that closed its stdout and lives on is an end, after the settling time', async () => {
  const { stdout, clock, channel } = pipes()
  const witness = new Witness()
  channel.start(witness)
  stdout.end()
  await setImmediate()
  clock.advance(999)
  expect(witness.seen).toEqual([])
  clock.advance(1)
  expect(witness.seen).toEqual([{ kind: 'ended', message: 'the process closed its stdout' }])
})

test('[RPC11] a stdout that a grandchild holds open delays the end by the settling time and no more', async () => {
  const { stdout, exit, clock, channel } = pipes()
  const witness = new Witness()
  channel.start(witness)
  exit({ code: 0, signal: null })
  await setImmediate()
  stdout.write('"still draining"\n')
  await setImmediate()
  expect(witness.seen).toEqual(['"still draining"'])
  clock.advance(1000)
  expect(witness.seen).toEqual(['"still draining"', EXITED])
  expect(stdout.destroyed).toBe(true)
})

test('[RPC4] half a line at the death of a process is reported, the whole one is delivered', async () => {
  const dropped: DroppedLine[] = []
  const { channel } = await start('half-a-line.mjs', [], { onDropped: (drop) => dropped.push(drop) })
  const witness = new Witness()
  channel.start(witness)
  await witness.until(2)
  expect(witness.seen).toEqual(['{"method":"whole"}', EXITED])
  expect(dropped).toEqual([{ why: 'unfinished', bytes: 13, head: '{"method":"ha' }])
})

test('[RPC2] a long line that a process writes byte by byte arrives whole', async () => {
  const { channel } = await start('huge-line-in-bytes.mjs')
  const witness = new Witness()
  channel.start(witness)
  await witness.until(2)
  const expected = JSON.stringify({ method: 'huge', params: { text: 'x'.repeat(256 * 1024) } })
  expect(witness.seen).toEqual([expected, EXITED])
})

test('[RPC18] an answer that comes after its time is dropped, from a real process too', async () => {
  const { channel } = await start('answers-late.mjs', ['200'])
  const notes: unknown[] = []
  const peer = new Peer(channel, { onRequest: () => {}, onNotification: (note) => notes.push(note) })
  await expect(peer.request('hurried', {}, { timeoutMs: 10 })).rejects.toMatchObject({
    name: 'RequestTimeoutError',
  })
  expect(await peer.request('patient')).toBe('patient')
  expect(notes).toEqual([])
})

test('[RPC12] bytes the child has not taken are counted', async () => {
  const { stdin, channel } = pipes()
  channel.start(new Witness())
  const text = 'x'.repeat(100_000)
  channel.send(text)
  channel.send(text)
  expect(channel.bufferedBytes).toBe(stdin.writableLength)
  expect(channel.bufferedBytes).toBeGreaterThan(100_000)
})

test('[RPC13] stdout is read on after the end, so that a child being stopped cannot block on it', async () => {
  const { stdout, channel } = pipes()
  const witness = new Witness()
  channel.start(witness)
  channel.close({ kind: 'closed', message: 'enough' })
  stdout.write(Buffer.alloc(1_000_000))
  await setImmediate()
  expect(stdout.readableLength).toBe(0)
  expect(witness.seen).toEqual([{ kind: 'closed', message: 'enough' }])
})
