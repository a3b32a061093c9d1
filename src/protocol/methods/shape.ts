/** What a method of the protocol is made of, and the pieces its parameters share. */
import { z } from 'zod'

export const scopeSchema = z.enum(['view', 'operate', 'approve', 'admin'])
export type Scope = z.infer<typeof scopeSchema>

export const sessionId = z.string().min(1).max(100)
export const commandId = z.string().min(8).max(100)
export const pageToken = z.string().max(200)
export const limit = z.int().min(1).max(500)

/** One request a client can send. With `mutates` it takes a `commandId` and leaves a receipt (L12). */
export interface MethodShape {
  readonly scope: Scope
  readonly mutates: boolean
  readonly params: z.ZodType
  readonly result: z.ZodType
}

export const method = <const M extends MethodShape>(shape: M): M => shape

/** A command's parameters: its own and the `commandId`, made by the client, the same in every retry. */
export const command = <Shape extends z.ZodRawShape>(shape: Shape) => z.strictObject({ commandId, ...shape })
export const query = <Shape extends z.ZodRawShape>(shape: Shape) => z.strictObject(shape)
