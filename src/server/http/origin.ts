/** Refuses requests that a web page or a rebound name brought here: checks `Host` and `Origin` (L19). */
import type { IncomingMessage } from 'node:http'
import type { Config } from '../config.ts'

/** Why a request must not be answered, or null. */
export function whyForeign(request: Pick<IncomingMessage, 'headers'>, config: Config): string | null {
  const { host, origin } = request.headers
  const name = hostName(host)
  if (name === null || !isOwnName(name, config)) {
    return `The Host "${host ?? ''}" is not one of this hub; add it to "allowedHosts" if it is meant.`
  }
  if (origin === undefined || config.allowedOrigins.includes(origin)) return null
  // A page served by the hub itself has the very host that the request names.
  if (origin === `http://${host}` || origin === `https://${host}`) return null
  return `Pages of ${origin} may not use this hub; add the origin to "allowedOrigins" if it is meant.`
}

function hostName(host: string | undefined): string | null {
  if (!host) return null
  try {
    return new URL(`http://${host}`).hostname
  } catch {
    return null
  }
}

function isOwnName(name: string, config: Config): boolean {
  if (['127.0.0.1', 'localhost', '[::1]'].includes(name)) return true
  if (config.allowRemote && name === config.host) return true
  return config.allowedHosts.includes(name)
}
