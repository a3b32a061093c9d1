/** What a connector may do with the process or daemon behind it, and no more. */
import type { Conversation } from './conversation.ts'
import type { ProcessHandle } from './process-handle.ts'

export interface Holding {
  /** How a terminal joins; null where it cannot. */
  terminal(threadId: string): { command: string[]; env: Record<string, string> } | null
  detach(): Promise<void>
  stop(options: { force: boolean; interrupt: (() => Promise<unknown>) | null }): Promise<void>
}

/** A child of this hub or of an earlier one. */
export function holdChild(server: Conversation, handle: ProcessHandle): Holding {
  const { codexPath, codexHome, socketPath } = handle.record
  const env: Record<string, string> = codexHome === null ? {} : { CODEX_HOME: codexHome }
  return {
    terminal: (threadId) =>
      socketPath === null
        ? null
        : { command: [codexPath, 'resume', threadId, '--remote', `unix://${socketPath}`], env },
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
