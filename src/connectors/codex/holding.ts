/** What a connector may do with the process or daemon behind it, and no more. */
import { countPeers } from '../process/socket-peers.ts'
import type { Conversation } from './conversation.ts'
import type { ProcessHandle } from './process-handle.ts'

export interface Holding {
  /** Whether terminals can join at all. */
  readonly canJoin: boolean
  /** How a terminal joins; null where it cannot. */
  terminal(threadId: string): { command: string[]; env: Record<string, string> } | null
  /** Somebody beside the hub is connected, or may be. */
  hasCompany(): Promise<boolean>
  detach(): Promise<void>
  stop(options: { force: boolean; interrupt: (() => Promise<unknown>) | null }): Promise<void>
}

/** A child of this hub or of an earlier one. */
export function holdChild(server: Conversation, handle: ProcessHandle): Holding {
  const { codexPath, codexHome, socketPath } = handle.record
  const env: Record<string, string> = codexHome === null ? {} : { CODEX_HOME: codexHome }
  let wasOffered = false
  return {
    canJoin: socketPath !== null,
    terminal: (threadId) => {
      if (socketPath === null) return null
      wasOffered = true
      return { command: [codexPath, 'resume', threadId, '--remote', `unix://${socketPath}`], env }
    },
    async hasCompany() {
      if (socketPath === null) return false
      const peers = await countPeers(socketPath)
      return peers === null ? wasOffered : peers > 1
    },
    async detach() {
      if (!handle.survivesUs) await handle.stop()
      server.close()
    },
    async stop(options) {
      // The conversation is kept until the process ended: an interrupt goes through it.
      await handle.stop(options)
      server.close()
    },
  }
}
