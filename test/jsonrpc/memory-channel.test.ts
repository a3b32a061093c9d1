import { memoryPair } from '../harness/memory-channel.ts'
import { channelContract } from './channel-contract.ts'

channelContract('a pair in memory', async () => {
  const { near, far } = memoryPair()
  const hangUpCause = { kind: 'ended', message: 'the other side ended' } as const
  return {
    channel: near,
    say: async (text) => {
      far.send(text)
      far.deliver()
    },
    hear: async () => {
      const heard = Promise.withResolvers<string>()
      far.start({ message: heard.resolve, close: () => {} })
      near.deliver()
      return heard.promise
    },
    hangUp: () => near.close(hangUpCause),
    hangUpCause,
  }
})
