/**
 * Serves the compiled page. Its files hold no secret and need no token, so that a browser can load them and ask for
 * one; what they may do in a browser is bounded by the headers set here. It must never serve anything else.
 */
import { existsSync } from 'node:fs'
import { basename, extname, join, sep } from 'node:path'
import { fileURLToPath } from 'node:url'
import fastifyStatic from '@fastify/static'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'

/** Everything the page needs comes from the hub: one origin, no inline code or style, nobody's frame. */
const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data: blob:",
  "font-src 'self'",
  "connect-src 'self'",
  "manifest-src 'self'",
  "worker-src 'self'",
  "frame-ancestors 'none'",
  "base-uri 'none'",
  "form-action 'none'",
].join('; ')

/** On every answer of the hub, the page's or not. */
export const SECURITY_HEADERS = {
  'content-security-policy': CONTENT_SECURITY_POLICY,
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  // Pages of other ports of this machine count as the same site; they may not even embed an icon.
  'cross-origin-resource-policy': 'same-origin',
} as const

const NOT_BUILT = `<!doctype html>
<html lang="en"><meta charset="utf-8"><title>codex-hub</title>
<h1>The page is not built</h1>
<p>The hub runs. Its page is missing: run <code>npm run build:web</code> in the folder of codex-hub, then reload.</p>
</html>
`

/** `dist/web`, seen from the sources and from the program built of them. */
export function findPageFolder(): string {
  const places = ['../../../dist/web', '../web'].map((path) => fileURLToPath(new URL(path, import.meta.url)))
  return places.find((place) => existsSync(join(place, 'index.html'))) ?? (places[0] as string)
}

/** Add the routes of the page. An address without a file that a browser goes to is one of the page's own router. */
export function addPage(app: FastifyInstance, folder: string): void {
  app.register(fastifyStatic, {
    root: folder,
    serve: false,
    // Compressed once by the build, and better than on the fly.
    preCompressed: true,
    cacheControl: false,
    setHeaders: (reply, path) =>
      void reply.headers({ 'cache-control': cachingOf(path, folder), vary: 'accept-encoding' }),
  })
  const sendIndex = (reply: FastifyReply): FastifyReply => {
    if (existsSync(join(folder, 'index.html'))) return reply.sendFile('index.html')
    return reply.code(503).type('text/html; charset=utf-8').send(NOT_BUILT)
  }
  const open = { config: { isOpen: true } }
  app.get('/', open, (_request, reply) => sendIndex(reply))
  app.get<{ Params: { '*': string } }>('/*', open, (request, reply) => {
    const path = request.params['*']
    // A file that is not there goes on to the answer for unknown addresses.
    return isNavigation(request) && extname(path) === '' ? sendIndex(reply) : reply.sendFile(path)
  })
}

/** Names under `assets/` carry a hash of what is in them; anything else is asked for again each time. */
function cachingOf(path: string, folder: string): string {
  const isHashed = path.startsWith(join(folder, 'assets') + sep) && /-[\w-]{8,}\.\w+/.test(basename(path))
  return isHashed ? 'public, max-age=31536000, immutable' : 'no-cache'
}

function isNavigation({ headers }: Pick<FastifyRequest, 'headers'>): boolean {
  const mode = headers['sec-fetch-mode']
  return mode === undefined ? (headers.accept ?? '').includes('text/html') : mode === 'navigate'
}
