/** Which Codex the tests run: the bundled one, or the one that `CODEX_HUB_TEST_CODEX` names. */
import { type Installation, locateCodex } from '../../src/connectors/codex/locate.ts'

export const TEST_CODEX = process.env.CODEX_HUB_TEST_CODEX

export function locateTestCodex(): Promise<Installation> {
  return locateCodex(TEST_CODEX === undefined ? { env: {} } : { configuredPath: TEST_CODEX })
}

export async function versionOfTestCodex(): Promise<string> {
  return (await locateTestCodex()).version
}
