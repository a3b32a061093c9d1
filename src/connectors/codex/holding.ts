/** What a connector may do with the process or daemon behind it, and no more. */
import type { Isolation } from '../../protocol/summary.ts'
import { countPeers } from '../process/socket-peers.ts'
import type { Conversation } from './conversation.ts'
import type { ProcessHandle } from './process-handle.ts'
import type { LeaveOptions, SharedChild } from './shared-child.ts'

export interface Holding {
  /** Whether the hub's process behind it has this thread only; null for others' processes. */
  readonly isolation: Isolation | null
  /** Whether terminals can join at all. */
  readonly canJoin: boolean
  /** How a terminal joins; null where it cannot. */
  terminal(threadId: string): { command: string[]; env: Record<string, string> } | null
  /** Somebody beside the hub is connected, or may be. */
  hasCompany(): Promise<boolean>
  detach(): Promise<void>
  stop(options: LeaveOptions): Promise<void>
}

/** A child of this hub or of an earlier one, with one thread. */
export function holdChild(server: Conversation, handle: ProcessHandle): Holding {
  return {
    isolation: 'process',
    ...joinable(handle),
    async detach() {
      if (!handle.survivesUs) await handle.stop()
      handle.letGo()
      server.close()
    },
    async stop(options) {
      // The conversation is kept until the process ended: an interrupt goes through it.
      await handle.stop(options)
      server.close()
    },
  }
}

/** A thread's place on a child that others share. */
export function holdSeat(child: SharedChild, lane: Conversation, threadId: string): Holding {
  return {
    isolation: 'shared',
    // Who joined the process joined any thread of it, for all that the system tells.
    ...joinable(child.running.handle),
    async detach() {
      child.detach(threadId, lane)
    },
    stop: (options) => child.leave(threadId, lane, options),
  }
}

/** The hub itself has one connection to it. */
function joinable(handle: ProcessHandle): Pick<Holding, 'canJoin' | 'terminal' | 'hasCompany'> {
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
  }
}
