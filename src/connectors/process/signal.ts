/** Sends signals to processes of ours and to nobody else: the identity is proven anew before each one. */
import { execFile } from 'node:child_process'
import { type Identity, isSameProcess, isTakenByAnother } from '../../base/process-identity.ts'

/** Signal one process. @returns whether it was there to be signalled. */
export async function signalProcess(target: Identity, signal: NodeJS.Signals): Promise<boolean> {
  return (await isSameProcess(target.pid, target.startToken)) && send(target.pid, signal)
}

/**
 * SIGKILL a process we made a group leader and all that is left of its group, also when the leader is gone already.
 * Only one pid in the world can name the group: while any member lives the system gives the number to nobody.
 */
export async function killGroup(target: Identity): Promise<void> {
  if (target.pid <= 1 || (await isTakenByAnother(target))) return
  if (process.platform === 'win32') await killTree(target.pid)
  else send(-target.pid, 'SIGKILL')
}

/** Windows has no groups; `taskkill /T` walks down from the parent while that still runs. */
function killTree(pid: number): Promise<void> {
  return new Promise((resolve) => {
    execFile('taskkill', ['/pid', String(pid), '/T', '/F'], { windowsHide: true }, () => resolve())
  })
}

function send(pid: number, signal: NodeJS.Signals): boolean {
  try {
    return process.kill(pid, signal)
  } catch {
    // ESRCH: it went between the look and the signal. EPERM: it became another user's and is no business of ours.
    return false
  }
}
