/**
 * A program in a real pseudo-terminal with a real screen, as a person would have it: what it draws can be read and waited
 * for, and keys be pressed. Its screen answers what programs ask of a terminal.
 */
import { spawn } from '@lydell/node-pty'
import headless from '@xterm/headless'

export interface TerminalOptions {
  readonly cwd: string
  readonly env: Readonly<Record<string, string | undefined>>
  readonly columns?: number
  readonly rows?: number
}

export interface Terminal {
  readonly pid: number
  /** Lines that can be seen or scrolled to, without trailing blanks and empty ones at the end. */
  text(): string
  /** Resolves with the whole text once it holds what is looked for. Rejects with the text when the program ends first. */
  shows(wanted: string | RegExp): Promise<string>
  /** Resolves once the newest screenful no longer holds it. */
  hides(unwanted: string | RegExp): Promise<string>
  /** Type text, and send it with Enter after the program has drawn it. */
  send(text: string): Promise<void>
  press(...keys: readonly Key[]): void
  readonly exited: Promise<{ exitCode: number }>
  /** Close the window: the program is hung up on. Resolves when it is gone. */
  close(): Promise<void>
}

const KEYS = { enter: '\r', escape: '\x1b', ctrlC: '\x03', down: '\x1b[B', up: '\x1b[A' }
export type Key = keyof typeof KEYS | (string & {})

const COLUMNS = 100
const ROWS = 40
const HANG_UP_MS = 5000

export function openTerminal(
  [file = '', ...args]: readonly string[],
  { cwd, env, columns = COLUMNS, rows = ROWS }: TerminalOptions,
): Terminal {
  const screen = new headless.Terminal({ cols: columns, rows, scrollback: 5000, allowProposedApi: true })
  const pty = spawn(file, args, {
    name: 'xterm-256color',
    cols: columns,
    rows,
    cwd,
    env: { ...process.env, ...env },
  })
  const waiting = new Set<() => void>()
  const lookAgain = (): void => {
    for (const look of [...waiting]) look()
  }
  screen.onData((answer) => pty.write(answer))
  pty.onData((output) => screen.write(output, lookAgain))
  let isOver = false
  const exited = new Promise<{ exitCode: number }>((resolve) => {
    pty.onExit(({ exitCode }) => {
      isOver = true
      resolve({ exitCode })
      // After what it drew last.
      screen.write('', lookAgain)
    })
  })

  const linesFrom = (first: number): string => {
    const buffer = screen.buffer.active
    const lines: string[] = []
    for (let row = first; row < buffer.length; row++) {
      lines.push(buffer.getLine(row)?.translateToString(true) ?? '')
    }
    return lines.join('\n').trimEnd()
  }
  const text = (): string => linesFrom(0)
  const newest = (): string => linesFrom(screen.buffer.active.baseY)
  const until = (read: () => string, fits: (drawn: string) => boolean, what: string): Promise<string> =>
    new Promise((resolve, reject) => {
      const look = (): void => {
        const drawn = read()
        const isThere = fits(drawn)
        if (!isThere && !isOver) return
        waiting.delete(look)
        if (isThere) resolve(drawn)
        else reject(new Error(`the program ended and ${what}; it shows:\n${text()}`))
      }
      waiting.add(look)
      look()
    })
  const holds = (drawn: string, wanted: string | RegExp): boolean =>
    typeof wanted === 'string' ? drawn.includes(wanted) : wanted.test(drawn)

  const shows: Terminal['shows'] = (wanted) =>
    until(text, (drawn) => holds(drawn, wanted), `never showed ${wanted}`)
  return {
    pid: pty.pid,
    text,
    shows,
    hides: (unwanted) => until(newest, (drawn) => !holds(drawn, unwanted), `still shows ${unwanted}`),
    async send(line) {
      pty.write(line)
      await shows(line)
      pty.write(KEYS.enter)
    },
    press(...keys) {
      for (const key of keys) pty.write(key in KEYS ? KEYS[key as keyof typeof KEYS] : key)
    },
    exited,
    async close() {
      if (!isOver) pty.kill('SIGHUP')
      const late = setTimeout(() => pty.kill('SIGKILL'), HANG_UP_MS)
      await exited
      clearTimeout(late)
      screen.dispose()
    },
  }
}
