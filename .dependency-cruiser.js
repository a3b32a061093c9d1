/** The layers of src/: dependencies run one way, and each library has one door. Run by `npm run check`. */

/** @param {string} name @param {string} comment @param {string} from @param {string[]} allowed */
const room = (name, from, allowed, comment) => ({
  name,
  comment,
  severity: 'error',
  from: { path: from },
  to: { path: '^(src|migrations)/', pathNot: allowed.map((path) => `^${path}`) },
})

/** @param {string} library @param {string[]} doors */
const door = (library, doors) => ({
  name: `one-door-for-${library.replace('/', '-')}`,
  comment: `${library} is used in ${doors.join(', ')} only.`,
  severity: 'error',
  from: { path: '^(src|migrations)/', pathNot: doors.map((path) => `^${path}`) },
  to: { path: `(^|node_modules/)${library}(/|$)` },
})

export default {
  forbidden: [
    {
      name: 'no-circular',
      comment: 'Modules that need each other are one module, or lack a third.',
      severity: 'error',
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    {
      name: 'no-outside',
      comment: 'What is shipped never needs tests, benches or scripts.',
      severity: 'error',
      from: { path: '^(src|migrations)/' },
      to: { path: '^(test|bench|scripts)/' },
    },
    room('base', '^src/base/', ['src/base/'], 'Leaves that import nothing of ours.'),
    room('protocol', '^src/protocol/', ['src/base/', 'src/protocol/'], 'The contract knows no room.'),
    room(
      'jsonrpc',
      '^src/jsonrpc/',
      ['src/base/', 'src/protocol/', 'src/jsonrpc/'],
      'Conversations know no content.',
    ),
    room(
      'connectors',
      '^src/connectors/',
      ['src/base/', 'src/protocol/', 'src/jsonrpc/', 'src/connectors/'],
      'Connectors see neither the store nor the server.',
    ),
    room(
      'persistence',
      '^(src/persistence|migrations)/',
      ['src/base/', 'src/protocol/', 'src/jsonrpc/', 'src/persistence/', 'migrations/'],
      'The store sees neither connectors nor the server.',
    ),
    room(
      'server',
      '^src/server/',
      ['src/base/', 'src/protocol/', 'src/jsonrpc/', 'src/connectors/', 'src/persistence/', 'src/server/'],
      'The server knows no client of its own.',
    ),
    room(
      'client',
      '^src/client/',
      ['src/base/', 'src/protocol/', 'src/jsonrpc/', 'src/client/'],
      'The SDK runs in browsers: it sees the contract and nothing of the hub.',
    ),
    room(
      'web',
      '^src/web/',
      ['src/base/', 'src/protocol/', 'src/jsonrpc/', 'src/client/', 'src/web/'],
      'The page is a client like any other.',
    ),
    room(
      'mcp',
      '^src/mcp/',
      ['src/base/', 'src/protocol/', 'src/jsonrpc/', 'src/client/', 'src/mcp/'],
      'The bridge is a client like any other.',
    ),
    {
      name: 'only-cli-sees-mcp',
      comment: 'The hub knows no bridge; the command line puts them together.',
      severity: 'error',
      from: { path: '^(src|migrations)/', pathNot: '^src/(cli|mcp)/' },
      to: { path: '^src/mcp/' },
    },
    {
      name: 'nobody-sees-web',
      comment: 'The page is compiled and served; no part of the hub is made of it.',
      severity: 'error',
      from: { path: '^(src|migrations)/', pathNot: '^src/web/' },
      to: { path: '^src/web/' },
    },
    room('demo', '^src/demo/', ['src/base/', 'src/demo/'], 'The scripted model knows nothing of the hub.'),
    {
      name: 'only-cli-sees-demo',
      comment: 'The demo is a command, not a part.',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/(cli|demo)/' },
      to: { path: '^src/demo/' },
    },
    {
      name: 'client-is-for-browsers',
      comment: 'Nothing of Node in the SDK or in what it uses.',
      severity: 'error',
      from: { path: '^src/client/' },
      to: { dependencyTypes: ['core'] },
    },
    door('better-sqlite3', ['src/persistence/']),
    door('kysely', ['src/persistence/', 'migrations/']),
    door('execa', [
      'src/connectors/process/',
      'src/connectors/codex/',
      'src/server/git.ts',
      'src/server/attention/hooks.ts',
      'src/cli/',
      'src/base/process-identity.ts',
    ]),
    door('ws', ['src/jsonrpc/', 'src/server/']),
    door('xstate', ['src/server/session/', 'src/server/registry.ts']),
    door('superjson', ['src/protocol/codec.ts']),
    door('pino', ['src/server/log.ts']),
    door('prom-client', ['src/server/http/']),
    door('fastify', ['src/server/http/']),
    door('@fastify/static', ['src/server/http/page.ts']),
    door('@modelcontextprotocol/sdk', ['src/mcp/']),
    door('react', ['src/web/']),
    door('markdown-to-jsx', ['src/web/session/markdown.tsx']),
    door('lowlight', ['src/web/session/lowlight.ts']),
    door('markdown-it', ['src/server/export/html.ts']),
    door('open', ['src/cli/page-link.ts']),
    door('commander', ['src/cli/']),
    door('chokidar', ['src/connectors/rollout/']),
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    // TypeScript 7 has no API for it yet; swc reads the sources instead.
    parser: 'swc',
    tsPreCompilationDeps: true,
    enhancedResolveOptions: {
      extensions: ['.ts', '.js', '.json'],
      conditionNames: ['node', 'import', 'default'],
    },
  },
}
