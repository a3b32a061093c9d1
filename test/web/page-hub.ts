/** A hub for the page alone: its sockets and its files are real, and nothing is started for sessions. */
import { join } from 'node:path'
import { readConfig } from '../../src/server/config.ts'
import { startHub } from '../../src/server/hub.ts'
import type { RunningHub } from '../../src/server/hub-options.ts'
import { FakeDriver } from '../harness/fake-connector.ts'

/** The compiled page. */
export const BUILT = join(process.cwd(), 'dist/web')

/** @param root a temporary folder; its data lies in `hub` there. @param port 0 for any */
export function startPageHub(root: string, port: number, pageFolder = BUILT): Promise<RunningHub> {
  const folder = join(root, 'hub')
  return startHub({
    folder,
    config: readConfig(folder, { port, codexHome: join(root, 'codex'), logLevel: 'silent' }),
    version: '0.0.0',
    makeDriver: () => new FakeDriver() as never,
    pageFolder,
  })
}
