/** What a person sends: Codex's `UserInput`, in the kinds that every supported release takes. */
import { z } from 'zod'

export const inputPartSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('text'), text: z.string().max(1_000_000) }),
  /** An image by URL; `data:` URLs carry pasted ones. */
  z.object({ type: z.literal('image'), url: z.string().max(7_000_000) }),
  z.object({ type: z.literal('localImage'), path: z.string().max(4_096) }),
  z.object({ type: z.literal('skill'), name: z.string().max(200), path: z.string().max(4_096) }),
  z.object({ type: z.literal('mention'), name: z.string().max(200), path: z.string().max(4_096) }),
])

export const inputSchema = z.array(inputPartSchema).min(1).max(100)

export type InputPart = z.infer<typeof inputPartSchema>
export type Input = z.infer<typeof inputSchema>
