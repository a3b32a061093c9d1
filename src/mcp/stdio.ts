/** The bridge on stdin and stdout, as MCP clients start it. Nothing else may write to stdout meanwhile. */
import { StdioServerTransport } from '@modelcontextprotocol/sdk/server/stdio.js'
import { Bridge } from './bridge.ts'
import { HubLink, type HubLinkOptions } from './hub-link.ts'

export interface StdioOptions extends HubLinkOptions {
  readonly version: string
  readonly cwd: string
}

/** Serve until the client closes stdin or the process is told to end. */
export async function serveStdio({ version, cwd, ...to }: StdioOptions): Promise<void> {
  const link = new HubLink(to)
  const bridge = new Bridge({ link, version, cwd })
  const end = (): void => void bridge.close()
  // The SDK's transport does not notice the end of stdin by itself.
  process.stdin.once('end', end).once('close', end)
  process.once('SIGTERM', end).once('SIGINT', end)
  try {
    await bridge.serve(new StdioServerTransport())
  } finally {
    link.close()
  }
}
