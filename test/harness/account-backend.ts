/**
 * Who Codex asks about accounts, in place of OpenAI: the issuer of logins and the backend of ChatGPT, on a loopback port.
 * It grants every login to the one made-up account it has; its tokens have the shape of real ones and no meaning.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

export const ACCOUNT = { email: 'ada@example.org', plan: 'plus', id: 'account-of-ada' }
export const USER_CODE = 'ABCD-12345'

/** Codex 0.169 looks up where the workspace of an account is served before it believes in a login. */
const ACCOUNTS = {
  accounts: [
    {
      id: ACCOUNT.id,
      structure: 'personal',
      // It must be https. Nothing that is tested goes there.
      workspace_backend_origin: 'https://127.0.0.1:9',
      account_routing_override: 'NO_CONSTRAINT',
    },
  ],
  account_ordering: [ACCOUNT.id],
  default_account_id: ACCOUNT.id,
}

export interface AccountBackend {
  /** For `CODEX_APP_SERVER_LOGIN_ISSUER`. */
  readonly issuer: string
  /** For `chatgpt_base_url`. */
  readonly chatgpt: string
  /** Method and path of every request so far. */
  readonly asked: readonly string[]
  /** The person enters the code. Until then Codex asks again and again. */
  grant(): void
  /** From now on no token is given out or renewed. */
  revoke(): void
  close(): Promise<void>
}

/** @param answers what the backend of ChatGPT answers, by path */
export async function startAccountBackend(answers: Record<string, unknown> = {}): Promise<AccountBackend> {
  const asked: string[] = []
  let isGranted = false
  let isRevoked = false
  const server = createServer((incoming, outgoing) => {
    const path = (incoming.url ?? '').split('?')[0] ?? ''
    asked.push(`${incoming.method} ${path}`)
    void drain(incoming).then(() => answer(path, outgoing))
  })

  function answer(path: string, outgoing: ServerResponse): void {
    const send = (value: unknown, status = 200): void => {
      outgoing.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value))
    }
    if (path.endsWith('/deviceauth/usercode')) {
      send({ device_auth_id: 'device-1', user_code: USER_CODE, interval: '1' })
    } else if (path.endsWith('/deviceauth/token')) {
      if (isGranted) send({ authorization_code: 'code-1', code_challenge: 'c', code_verifier: 'v' })
      else send({}, 403)
    } else if (path.endsWith('/oauth/token')) {
      if (isRevoked) send({ error: { code: 'refresh_token_invalidated' } }, 401)
      else send({ id_token: jwt(), access_token: jwt(), refresh_token: 'refresh-hush' })
    } else if (path.endsWith('/wham/accounts/check')) send(ACCOUNTS)
    else if (path in answers) send(answers[path])
    else send({ detail: 'not found' }, 404)
  }

  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return {
    issuer,
    chatgpt: `${issuer}/backend-api`,
    asked,
    grant() {
      isGranted = true
    },
    revoke() {
      isRevoked = true
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

async function drain(incoming: IncomingMessage): Promise<void> {
  for await (const _ of incoming) {
    // What was sent does not matter here.
  }
}

/** As Codex reads it: claims in the middle, and a signature it does not check. */
function jwt(): string {
  const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url')
  const claims = {
    email: ACCOUNT.email,
    exp: Math.floor(Date.now() / 1000) + 86_400,
    'https://api.openai.com/auth': {
      chatgpt_plan_type: ACCOUNT.plan,
      chatgpt_account_id: ACCOUNT.id,
      chatgpt_user_id: 'user-ada',
    },
  }
  return [part({ alg: 'RS256', typ: 'JWT' }), part(claims), 'hush-signature'].join('.')
}
