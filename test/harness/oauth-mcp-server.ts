/** An MCP server that wants a login, and the authorization server it sends to, on one loopback port. Whoever asks may log in. */
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'

export interface OauthMcpServer {
  /** Of the MCP server. */
  readonly url: string
  close(): Promise<void>
}

const TOKEN = 'an-access-token'
const RESULTS: Readonly<Record<string, object>> = {
  initialize: {
    protocolVersion: '2025-06-18',
    capabilities: { tools: {} },
    serverInfo: { name: 'guarded', version: '1' },
  },
  'tools/list': { tools: [{ name: 'look', inputSchema: { type: 'object' } }] },
}

export async function startOauthMcpServer(): Promise<OauthMcpServer> {
  let base = ''
  const server = createServer((incoming, outgoing) => {
    const url = new URL(incoming.url ?? '/', base)
    const json = (body: object, status = 200): void =>
      void outgoing.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
    const answer = async (): Promise<void> => {
      if (url.pathname.startsWith('/.well-known/oauth-protected-resource')) {
        json({ resource: `${base}/mcp`, authorization_servers: [base] })
      } else if (url.pathname.startsWith('/.well-known/')) json(metadataOf(base))
      else if (url.pathname === '/register') json({ client_id: 'codex', ...(await bodyOf(incoming)) }, 201)
      else if (url.pathname === '/authorize') {
        const back = new URL(url.searchParams.get('redirect_uri') ?? '')
        back.searchParams.set('code', 'a-code')
        back.searchParams.set('state', url.searchParams.get('state') ?? '')
        back.searchParams.set('iss', base)
        outgoing.writeHead(302, { location: back.href }).end()
      } else if (url.pathname === '/token') {
        json({ access_token: TOKEN, token_type: 'Bearer', expires_in: 3600 })
      } else if (incoming.headers.authorization !== `Bearer ${TOKEN}`) {
        const metadata = `${base}/.well-known/oauth-protected-resource`
        outgoing.writeHead(401, { 'www-authenticate': `Bearer resource_metadata="${metadata}"` }).end()
      } else if (incoming.method !== 'POST') outgoing.writeHead(405).end()
      else {
        const { id, method } = (await bodyOf(incoming)) as { id?: number; method: string }
        if (id === undefined) outgoing.writeHead(202).end()
        else json({ jsonrpc: '2.0', id, result: RESULTS[method] ?? {} })
      }
    }
    void answer()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return {
    url: `${base}/mcp`,
    close: () => {
      server.closeAllConnections()
      return new Promise((resolve) => server.close(() => resolve()))
    },
  }
}

async function bodyOf(incoming: IncomingMessage): Promise<object> {
  return JSON.parse(await text(incoming)) as object
}

const metadataOf = (issuer: string) => ({
  issuer,
  authorization_endpoint: `${issuer}/authorize`,
  token_endpoint: `${issuer}/token`,
  registration_endpoint: `${issuer}/register`,
  response_types_supported: ['code'],
  grant_types_supported: ['authorization_code', 'refresh_token'],
  token_endpoint_auth_methods_supported: ['none'],
  code_challenge_methods_supported: ['S256'],
})
