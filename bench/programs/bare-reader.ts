/** Connects to a daemon's socket and parses every frame, and nothing else: less than this nobody can do who listens. */

import { connect } from 'node:net'
import { WebSocket } from 'ws'
import { controlSocketPath } from '../../src/connectors/daemon/control-socket.ts'

export type ReaderOrder = { readonly kind: 'read'; readonly codexHome: string }
export type ReaderReport = { readonly kind: 'reading' }

process.on('message', ({ codexHome }: ReaderOrder) => {
  const socket = new WebSocket('ws://localhost/', {
    createConnection: () => connect({ path: controlSocketPath(codexHome) }),
    perMessageDeflate: false,
  })
  socket.on('message', (payload: Buffer) => JSON.parse(payload.toString('utf8')))
  socket.on('open', () => process.send?.({ kind: 'reading' } satisfies ReaderReport))
})
process.on('disconnect', () => process.exit())
