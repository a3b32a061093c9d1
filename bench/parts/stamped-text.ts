/**
 * Answers whose tokens say when they were made: the way from the model's hand to a client's is then measured the same
 * for every server between them. Also the mark by which a client knows that it holds all of an answer.
 */
import type { Step } from '../../src/demo/answer.ts'
import { instant } from './instant.ts'

/** The last token of every answer of a bench. */
export const END_MARK = '∎'

const STAMP = /@([\d.]+) /g

/** `count` tokens, `pauseMs` apart, each with the moment it was sent. */
export function stampedAnswer(count: number, pauseMs: number): Step {
  let said = ''
  function* chunks(): Generator<string> {
    for (let index = 0; index < count; index += 1) {
      const token = `@${instant().toFixed(3)} `
      said += token
      yield token
    }
    said += END_MARK
    yield END_MARK
  }
  return {
    // What was said is known once it was said.
    get say() {
      return said
    },
    chunks: chunks(),
    pauseMs,
  }
}

/** `count` tokens of some letters, as fast as they go. */
export function burstText(count: number): { readonly text: string; readonly tokens: readonly string[] } {
  const tokens = Array.from({ length: count }, (_, index) =>
    index === count - 1 ? END_MARK : `word${index % 10} `,
  )
  return { text: tokens.join(''), tokens }
}

/** Add to `into` how old each stamp in `text` is at `at`. */
export function latenciesOf(text: string, at: number, into: number[]): void {
  for (const [, stamp] of text.matchAll(STAMP)) into.push(at - Number(stamp))
}
