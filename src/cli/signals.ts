/** Ctrl-C and SIGTERM for a command that stays: the first asks to stop, the second stops at once. */
export interface StopSignal {
  /** Resolves with the first signal. */
  readonly asked: Promise<void>
  readonly isAsked: boolean
  release(): void
}

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

export function listenForStop(): StopSignal {
  let count = 0
  let ask: () => void = () => {}
  const asked = new Promise<void>((resolve) => {
    ask = resolve
  })
  const onSignal = (): void => {
    count += 1
    if (count > 1) process.exit(130)
    ask()
  }
  for (const signal of SIGNALS) process.on(signal, onSignal)
  return {
    asked,
    get isAsked() {
      return count > 0
    },
    release() {
      for (const signal of SIGNALS) process.off(signal, onSignal)
    },
  }
}
