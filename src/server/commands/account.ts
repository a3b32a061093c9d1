/** The account of a home: each is one question to a Codex on it. */
import { logOut, readAccount, readLimits, readUsage } from '../../connectors/codex/operations/account.ts'
import type { ACCOUNT_METHODS } from '../../protocol/methods/account.ts'
import type { Handlers } from './dispatch.ts'
import { askThere } from './place.ts'

export const accountHandlers: Pick<Handlers, Exclude<keyof typeof ACCOUNT_METHODS, 'account/login'>> = {
  async 'account/read'(rooms, place) {
    return askThere(rooms, place, ({ line }) => readAccount(line))
  },
  async 'account/logout'(rooms, { home }) {
    return askThere(rooms, { home }, ({ line }) => logOut(line))
  },
  async 'account/rateLimits'(rooms, place) {
    return askThere(rooms, place, async ({ line }) => ({ limits: await readLimits(line) }))
  },
  async 'account/usage'(rooms, place) {
    return askThere(rooms, place, ({ line }) => readUsage(line))
  },
}
