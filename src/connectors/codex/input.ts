/** What a person sends, as Codex's `UserInput`. */
import type { Input, InputPart } from '../../protocol/input.ts'
import type { UserInput } from './generated/protocol.ts'

export function toUserInput(input: Input): UserInput[] {
  return input.map(toPart)
}

function toPart(part: InputPart): UserInput {
  // Codex marks places in a text by byte range; the hub's clients mark none.
  return part.type === 'text' ? { ...part, text_elements: [] } : part
}
