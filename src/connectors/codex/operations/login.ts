/** Logging in: begun here, gone on with by a person in a browser, and its end told by Codex. Tokens stay in Codex. */
import { ConnectorError } from '../../connector.ts'
import { asFields, asText, type Fields } from '../decode.ts'
import type { LoginAccountParams } from '../generated/protocol.ts'
import type { HomeLine } from '../requests.ts'
import { need } from './need.ts'

export type LoginRequest =
  | { readonly method: 'browser' | 'deviceCode' }
  | { readonly method: 'apiKey'; readonly apiKey: string }

export interface BegunLogin {
  readonly url: string | null
  readonly userCode: string | null
  /** Settled at the end of the login. @throws ConnectorError with why it failed */
  readonly ended: Promise<void>
  /** `ended` rejects then. */
  cancel(): Promise<void>
}

/** Finding out where to log in asks somebody on the network. */
const BEGIN_MS = 60_000

/** Begin to log a home in. @throws ConnectorError */
export async function beginLogin(line: HomeLine, request: LoginRequest): Promise<BegunLogin> {
  need(line, 'account/login/start')
  // Releases before 0.120, which also lack `turn/steer`, know no codes.
  if (request.method === 'deviceCode' && !line.methods.has('turn/steer')) {
    throw new ConnectorError('unsupported', 'This release of Codex has no login by code.', {
      method: 'account/login/start',
    })
  }
  const heard = hear(line, 'account/login/completed')
  try {
    const answer = asFields(await line.ask('account/login/start', paramsOf(request), BEGIN_MS))
    const loginId = asText(answer?.loginId)
    const isMine = (params: Fields) => params.loginId === loginId
    const ended = heard.first(isMine).then(readEnd)
    return {
      url: asText(answer?.authUrl) ?? asText(answer?.verificationUrl),
      userCode: asText(answer?.userCode),
      ended,
      // A key is there at once or not at all.
      cancel: () => (loginId === null ? Promise.resolve() : cancelLogin(line, loginId)),
    }
  } catch (error) {
    heard.stop()
    throw error
  }
}

/** Begin to log in to an MCP server. Codex cannot take that back: cancelled, nobody waits for it. @throws ConnectorError */
export async function beginMcpLogin(
  line: HomeLine,
  { server, scopes }: { readonly server: string; readonly scopes?: readonly string[] | undefined },
): Promise<BegunLogin> {
  need(line, 'mcpServer/oauth/login')
  const heard = hear(line, 'mcpServer/oauthLogin/completed')
  try {
    const params = { name: server, ...(scopes === undefined ? {} : { scopes: [...scopes] }) }
    const answer = asFields(await line.ask('mcpServer/oauth/login', params, BEGIN_MS))
    const loginId = asText(answer?.loginId)
    const isMine = (told: Fields) =>
      told.name === server && (loginId === null || asText(told.loginId) === loginId)
    return {
      url: asText(answer?.authorizationUrl),
      userCode: null,
      ended: heard.first(isMine).then(readEnd),
      cancel: async () => heard.giveUp(),
    }
  } catch (error) {
    heard.stop()
    throw error
  }
}

async function cancelLogin(line: HomeLine, loginId: string): Promise<void> {
  need(line, 'account/login/cancel')
  await line.ask('account/login/cancel', { loginId })
}

function paramsOf(request: LoginRequest): LoginAccountParams {
  if (request.method === 'apiKey') return { type: 'apiKey', apiKey: request.apiKey }
  return { type: request.method === 'browser' ? 'chatgpt' : 'chatgptDeviceCode' }
}

function readEnd(params: Fields): void {
  if (params.success === true) return
  throw new ConnectorError('refused', asText(params.error) ?? 'Codex did not say why the login failed.')
}

/** Notifications from here on: the end may be told before the answer that names the login. */
function hear(line: HomeLine, method: string) {
  const told: Fields[] = []
  let look = (): void => {}
  let fail = (_error: unknown): void => {}
  const stop = line.follow(
    (each, params) => {
      const fields = asFields(params)
      if (each !== method || !fields) return
      told.push(fields)
      look()
    },
    (cause) => fail(new ConnectorError('closed', `The Codex process ended (${cause.message}).`)),
  )
  return {
    stop,
    giveUp: () => fail(new ConnectorError('refused', 'The login was given up.')),
    first: (fits: (params: Fields) => boolean): Promise<Fields> =>
      new Promise<Fields>((resolve, reject) => {
        fail = reject
        look = () => {
          const found = told.find(fits)
          if (found) resolve(found)
        }
        look()
      }).finally(stop),
  }
}
