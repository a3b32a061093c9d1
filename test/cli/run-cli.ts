/** Runs the command line as a process of its own, as a person or a program would. */
import { execa, type Options, type ResultPromise } from 'execa'

export interface CliResult {
  readonly exitCode: number | undefined
  readonly stdout: string
  readonly stderr: string
}

const PROGRAM = ['src/cli/main.ts']

export function startCli(folder: string, args: readonly string[], env: Record<string, string> = {}) {
  const options = { env: { CODEX_HUB_HOME: folder, ...env }, reject: false, forceKillAfterDelay: 5_000 }
  return execa(process.execPath, [...PROGRAM, ...args], options satisfies Options)
}

/** The commands of one data folder. */
export function cliOf(folder: string): (...args: string[]) => Promise<CliResult> {
  return async (...args) => {
    const { exitCode, stdout, stderr } = await startCli(folder, args)
    return { exitCode, stdout, stderr }
  }
}

/** Resolves with all that was printed once it matches; rejects when the process ends without. */
export function printed(child: ResultPromise, pattern: RegExp): Promise<string> {
  let said = ''
  return new Promise((resolve, reject) => {
    for (const stream of [child.stdout, child.stderr]) {
      stream?.on('data', (chunk) => {
        said += String(chunk)
        if (pattern.test(said)) resolve(said)
      })
    }
    void child.then(() => reject(new Error(`ended before ${pattern}: ${said}`)))
  })
}
