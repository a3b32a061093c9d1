/** What a connector under test holds: no process, nobody beside it, nothing to stop. */
import type { CodexConnector } from '../../src/connectors/codex/connector.ts'

export const nothingHeld: ConstructorParameters<typeof CodexConnector>[0]['holding'] = {
  isolation: null,
  canJoin: false,
  hasCompany: async () => false,
  terminal: () => null,
  detach: async () => {},
  stop: async () => {},
}
