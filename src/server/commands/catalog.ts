/** What Codex has around sessions: each is one question to the Codex that is meant. */
import {
  listApps,
  listFeatures,
  listModes,
  listPermissionProfiles,
  listPlugins,
  listProviders,
} from '../../connectors/codex/operations/catalog.ts'
import { enableFeature, readConfig, writeConfig } from '../../connectors/codex/operations/config.ts'
import { listMcpServers, reloadMcpServers } from '../../connectors/codex/operations/mcp.ts'
import { enableSkill, listHooks, listSkills } from '../../connectors/codex/operations/skills.ts'
import type { CATALOG_METHODS } from '../../protocol/methods/catalog.ts'
import type { CODEX_CONFIG_METHODS } from '../../protocol/methods/codex-config.ts'
import type { Handlers } from './dispatch.ts'
import { askThere } from './place.ts'

type Names = Exclude<keyof typeof CATALOG_METHODS, 'mcpServer/login'> | keyof typeof CODEX_CONFIG_METHODS

export const catalogHandlers: Pick<Handlers, Names> = {
  async 'mcpServer/list'(rooms, place) {
    return askThere(rooms, place, async ({ line, cwd, threadId, session }) => {
      if (threadId === null || session === null) return { servers: await listMcpServers(line, null) }
      await session.record.hydrate()
      const told = session.record.state.mcpServers.map(({ name }) => name)
      const codexVersion = session.connector?.codexVersion ?? null
      return { servers: await listMcpServers(line, { threadId, cwd, codexVersion, told }) }
    })
  },
  async 'mcpServer/reload'(rooms, { sessionId, home }) {
    await askThere(rooms, { sessionId, home }, ({ line }) => reloadMcpServers(line))
    return {}
  },
  async 'skill/list'(rooms, { cwds, reload, ...place }) {
    return askThere(rooms, place, async ({ line, cwd }) => ({
      folders: await listSkills(line, { cwds: foldersOf(cwds, cwd), reload }),
    }))
  },
  async 'skill/enable'(rooms, { sessionId, home, skill, enabled }) {
    return askThere(rooms, { sessionId, home }, ({ line, cwd }) =>
      enableSkill(line, { skill, enabled, cwds: foldersOf([], cwd) }),
    )
  },
  async 'hook/list'(rooms, { cwds, ...place }) {
    return askThere(rooms, place, async ({ line, cwd }) => ({
      folders: await listHooks(line, foldersOf(cwds, cwd)),
    }))
  },
  async 'plugin/list'(rooms, { cwds, installedOnly, ...place }) {
    return askThere(rooms, place, ({ line, cwd }) =>
      listPlugins(line, { cwds: foldersOf(cwds, cwd), installedOnly }),
    )
  },
  async 'app/list'(rooms, place) {
    return askThere(rooms, place, async ({ line, threadId }) => ({ apps: await listApps(line, threadId) }))
  },
  async 'modelProvider/list'(rooms, place) {
    return askThere(rooms, place, async ({ line }) => ({ providers: await listProviders(line) }))
  },
  async 'permissionProfile/list'(rooms, { cwd: asked, ...place }) {
    return askThere(rooms, place, async ({ line, cwd }) => ({
      profiles: await listPermissionProfiles(line, asked ?? cwd),
    }))
  },
  async 'collaborationMode/list'(rooms, place) {
    return askThere(rooms, place, async ({ line }) => ({ modes: await listModes(line) }))
  },
  async 'feature/list'(rooms, place) {
    return askThere(rooms, place, async ({ line, threadId }) => ({
      features: await listFeatures(line, threadId),
    }))
  },
  async 'feature/enable'(rooms, { sessionId, home, name, enabled }) {
    return askThere(rooms, { sessionId, home }, async ({ line }) => ({
      enabled,
      inForce: await enableFeature(line, name, enabled),
    }))
  },
  async 'config/read'(rooms, { cwd: asked, ...place }) {
    return askThere(rooms, place, ({ line, cwd }) => readConfig(line, asked ?? cwd))
  },
  async 'config/write'(rooms, { sessionId, home, edits, expectedVersion }) {
    return askThere(rooms, { sessionId, home }, ({ line }) => writeConfig(line, { edits, expectedVersion }))
  },
}

/** Those that were asked for, else the session's own. */
function foldersOf(cwds: readonly string[], cwd: string | null): readonly string[] {
  return cwds.length === 0 && cwd !== null ? [cwd] : cwds
}
