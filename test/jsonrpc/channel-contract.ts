/** What every channel promises, whatever carries it. Each test gets a fresh channel and the other end's hands. */
import { describe, expect, test } from 'vitest'
import type { CloseCause, MessageChannel } from '../../src/jsonrpc/channel.ts'

export interface ChannelUnderTest {
  readonly channel: MessageChannel
  /** Say something as the other side; resolves when it is on its way. */
  say(text: string): Promise<void>
  /** The next message the other side got from the channel. */
  hear(): Promise<string>
  /** End as the other side, after what it said. */
  hangUp(): void
  readonly hangUpCause: CloseCause
}

/** What a listener saw, in order; `until` waits for a number of things. */
export class Witness {
  readonly seen: (string | CloseCause)[] = []
  #waiting: { count: number; resolve: () => void } | null = null

  message(text: string): void {
    this.#add(text)
  }

  close(cause: CloseCause): void {
    this.#add(cause)
  }

  until(count: number): Promise<void> {
    if (this.seen.length >= count) return Promise.resolve()
    return new Promise((resolve) => {
      this.#waiting = { count, resolve }
    })
  }

  #add(thing: string | CloseCause): void {
    this.seen.push(thing)
    if (this.#waiting && this.seen.length >= this.#waiting.count) this.#waiting.resolve()
  }
}

const OURS: CloseCause = { kind: 'closed', message: 'enough' }

export function channelContract(name: string, open: () => Promise<ChannelUnderTest>): void {
  describe(name, () => {
    test('[RPC6] messages which came before the start are held back and delivered in order', async () => {
      const { channel, say } = await open()
      await say('"one"')
      await say('"two"')
      const witness = new Witness()
      channel.start(witness)
      await say('"three"')
      await witness.until(3)
      expect(witness.seen).toEqual(['"one"', '"two"', '"three"'])
      channel.close(OURS)
    })

    test('[RPC5] a message arrives whole and unchanged in both directions', async () => {
      const { channel, say, hear } = await open()
      const witness = new Witness()
      channel.start(witness)
      const text = JSON.stringify({ text: `\u2028\u2029\r ü 🚀 ${'x'.repeat(300_000)}` })
      await say(text)
      channel.send(text)
      await witness.until(1)
      expect(witness.seen).toEqual([text])
      expect(await hear()).toBe(text)
      channel.close(OURS)
    })

    test('[RPC7] an end by the other side is told once, after the last message', async () => {
      const { channel, say, hangUp, hangUpCause } = await open()
      const witness = new Witness()
      channel.start(witness)
      await say('"last"')
      hangUp()
      await witness.until(2)
      channel.close(OURS)
      expect(witness.seen).toEqual(['"last"', hangUpCause])
    })

    test('[RPC7] the first cause wins', async () => {
      const { channel, hangUp } = await open()
      const witness = new Witness()
      channel.start(witness)
      channel.close(OURS)
      hangUp()
      channel.close({ kind: 'failed', message: 'too late' })
      expect(witness.seen).toEqual([OURS])
    })

    test('[RPC8] sending after the end does nothing and throws nothing', async () => {
      const { channel, say } = await open()
      const witness = new Witness()
      channel.start(witness)
      channel.close(OURS)
      channel.send('"unheard"')
      await say('"unheard"')
      expect(witness.seen).toEqual([OURS])
    })

    test('[RPC9] a listener that throws ends its own channel and nothing else', async () => {
      const { channel, say } = await open()
      const fault = new Error('no')
      const end = Promise.withResolvers<CloseCause>()
      channel.start({
        message: () => {
          throw fault
        },
        close: end.resolve,
      })
      await say('"bad"')
      expect(await end.promise).toEqual({
        kind: 'failed',
        message: 'a message could not be handled: no',
        error: fault,
      })
    })

    test('[RPC6] a second start is refused', async () => {
      const { channel } = await open()
      channel.start(new Witness())
      expect(() => channel.start(new Witness())).toThrow('a channel is started once')
      channel.close(OURS)
    })
  })
}
