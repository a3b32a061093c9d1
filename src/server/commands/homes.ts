/** Which Codex homes the hub looks into: told, and changed for good and at once. */
import { HubError } from '../../protocol/errors.ts'
import type { HOME_METHODS } from '../../protocol/methods/homes.ts'
import type { ConfiguredHome } from '../adoption/homes.ts'
import { ConfigError, resolveHome } from '../config.ts'
import { keepHomes } from '../keep-homes.ts'
import type { HubRooms } from '../rooms.ts'
import type { Handlers } from './dispatch.ts'
import { checkFolder } from './folder.ts'

export const homeHandlers: Pick<Handlers, keyof typeof HOME_METHODS> = {
  async 'home/list'(rooms) {
    return { homes: rooms.adoption.homes.report }
  },
  async 'home/set'(rooms, { home, adopt }) {
    const codexHome = home.startsWith('~/') ? resolveHome(home) : home
    const isKnown = rooms.adoption.homes.configured.some((each) => each.codexHome === codexHome)
    if (!isKnown) await checkFolder(codexHome)
    return changed(rooms, (homes) =>
      homes.some((each) => each.codexHome === codexHome)
        ? homes.map((each) => (each.codexHome === codexHome ? { codexHome, adopt } : each))
        : [...homes, { codexHome, adopt }],
    )
  },
  async 'home/forget'(rooms, { home }) {
    const codexHome = home.startsWith('~/') ? resolveHome(home) : home
    return changed(rooms, (homes) => {
      const index = homes.findIndex((each) => each.codexHome === codexHome)
      if (index === -1) {
        const known = homes.map((each) => each.codexHome)
        throw new HubError('notFound', `${codexHome} is none of the hub's homes.`, { home, homes: known })
      }
      if (index === 0) {
        throw new HubError(
          'notPossible',
          'This is the home of the hub’s own sessions; switch its adoption off.',
          {
            reason: 'ownHome',
          },
        )
      }
      return homes.toSpliced(index, 1)
    })
  },
}

/** Written first: what does not hold after a restart is not done now either. */
async function changed(
  rooms: HubRooms,
  change: (homes: readonly ConfiguredHome[]) => readonly ConfiguredHome[],
): Promise<unknown> {
  const { homes } = rooms.adoption
  await homes.change((known) => {
    const next = change(known)
    try {
      keepHomes(rooms.folder, next)
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error
      throw new HubError('notPossible', error.message, { reason: 'configFile' })
    }
    return next
  })
  return { homes: homes.report }
}
