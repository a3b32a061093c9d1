/** What a bench has started ends with the runner, however the runner ends. */
import type { ChildProcess } from 'node:child_process'

export function killAtExit(child: ChildProcess): void {
  const kill = (): void => void child.kill('SIGKILL')
  process.once('exit', kill)
  child.once('exit', () => process.off('exit', kill))
}
