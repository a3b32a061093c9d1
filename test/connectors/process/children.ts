/** Starts fixture programs for the tests of this folder and leaves none behind. */
import { once } from 'node:events'
import { afterEach } from 'vitest'
import type { Identity } from '../../../src/base/process-identity.ts'
import { killGroup } from '../../../src/connectors/process/signal.ts'
import { type PipedChild, spawnPipedChild } from '../../../src/connectors/process/spawn-child.ts'
import { fixture } from '../../harness/programs.ts'
import { untilGone } from '../../harness/until.ts'

const started: Identity[] = []

afterEach(async () => {
  for (const identity of started.splice(0)) {
    await killGroup(identity)
    await untilGone(identity)
  }
})

/** Have it ended with the test. */
export function endLater<T extends Identity>(identity: T): T {
  started.push(identity)
  return identity
}

export async function startProgram(name: string, ...args: string[]): Promise<PipedChild> {
  const child = await spawnPipedChild({ command: process.execPath, args: [fixture(name), ...args], cwd: '/' })
  return endLater(child)
}

/** The next chunk of its stdout, which for these programs is one line or a few. */
export async function heard(child: PipedChild): Promise<string> {
  const [chunk] = await once(child.stdout, 'data')
  return String(chunk).trim()
}
