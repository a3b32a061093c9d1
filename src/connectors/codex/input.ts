/** What a person sends, as Codex's `UserInput`. */
import type { Input, InputPart } from '../../protocol/input.ts'
import type { Fields } from './decode.ts'

export function toUserInput(input: Input): Fields[] {
  return input.map(toPart)
}

function toPart(part: InputPart): Fields {
  // Codex marks places in a text by byte range; the hub's clients mark none.
  return part.type === 'text' ? { ...part, text_elements: [] } : part
}
