/** What is asked of Codex, and what the model does for each: the first word of a prompt says what, the second is its name. */
import type { Script } from '../src/demo/scripted-model.ts'

export const KINDS = ['say', 'long', 'run', 'hold', 'fail', 'think', 'big'] as const
export type Kind = (typeof KINDS)[number]

/** Holds turns back until it is opened; then holds the next ones. */
export class Gate {
  #gate = Promise.withResolvers<void>()

  get passed(): Promise<void> {
    return this.#gate.promise
  }

  open(): void {
    this.#gate.resolve()
    this.#gate = Promise.withResolvers()
  }
}

const WORDS = Array.from({ length: 40 }, (_, index) => `word${index} `).join('')

/** @param bigBytes how long one piece of the longest answer is */
export function scriptOf(gate: Gate, { pauseMs, bigBytes }: { pauseMs: number; bigBytes: number }): Script {
  return (request) => {
    const [kind = '', name = ''] = request.lastUserText.split(' ')
    const end = { say: `Heard ${name}.` }
    if (request.afterTool) return [end]
    switch (kind as Kind) {
      case 'long':
        return [{ say: `${WORDS}${name}`, pauseMs }]
      case 'run': {
        const args = {
          cmd: `touch ${name}`,
          sandbox_permissions: 'require_escalated',
          justification: `to see ${name}`,
        }
        return [{ say: 'May I?' }, { call: 'exec_command', args }]
      }
      case 'hold':
        return [{ say: `Waiting with ${name}. ` }, { until: gate.passed }, end]
      case 'fail':
        return [{ fail: `${name} fails.` }]
      case 'think':
        return [{ think: `Thinking of ${name}.` }, end]
      case 'big': {
        const piece = 'x'.repeat(bigBytes)
        return [{ say: `${piece}${name}`, chunks: [piece, name] }]
      }
      default:
        return [end]
    }
  }
}
