/** What a tool of the bridge is made of. One entry a tool, grouped in `tools/`; the server knows none by name. */
import type { z } from 'zod'
import type { CommandParams, HubClient, QueryName } from '../client/client.ts'
import type { CommandName, ParamsOf, ResultOf } from '../protocol/methods.ts'

/** One call of an agent: its way to the hub, its end, and how to tell that it goes on. */
export interface ToolCall {
  readonly hub: Pick<HubClient, 'session' | 'sessions' | 'connection'>
  readonly signal: AbortSignal
  /** Where a session is made when no folder is named; null where nobody knows. */
  readonly cwd: string | null
  request<M extends QueryName>(method: M, params: ParamsOf<M>): Promise<ResultOf<M>>
  command<M extends CommandName>(method: M, params: CommandParams<M>): Promise<ResultOf<M>>
  /** Tell the caller, if it asked to be told, how far a wait is. */
  progress(done: number, total: number, message: string): void
}

export interface ToolAnswer<Output> {
  readonly structured: Output
  /** The same for reading. */
  readonly text: string
}

export interface Tool<Input extends z.ZodObject = z.ZodObject, Output extends z.ZodObject = z.ZodObject> {
  readonly name: string
  readonly title: string
  readonly description: string
  readonly reads: boolean
  /** Ends, stops or decides something that cannot be taken back. */
  readonly destroys?: boolean
  readonly input: Input
  readonly output: Output
  run(call: ToolCall, args: z.output<Input>): Promise<ToolAnswer<z.input<Output>>>
}

export const tool = <Input extends z.ZodObject, Output extends z.ZodObject>(
  shape: Tool<Input, Output>,
): Tool => shape as unknown as Tool
