import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { CapabilityCache, operationsOf, readVariants } from '../../../src/connectors/codex/capabilities.ts'
import { RemoteError } from '../../../src/jsonrpc/peer.ts'

const answer =
  (...methods: string[]) =>
  () => {
    const list = methods.map((method) => `\`${method}\``).join(', ')
    const message = `Invalid request: unknown variant \`codexHub/probe\`, expected one of ${list}`
    return Promise.reject(new RemoteError('codexHub/probe', { code: -32_600, message }))
  }

describe('capabilities', () => {
  let root: string
  beforeAll(() => {
    root = mkdtempSync(join(tmpdir(), 'capabilities-'))
  })
  afterAll(() => rmSync(root, { recursive: true }))

  function binary(name: string, help: string): string {
    const path = join(root, name)
    writeFileSync(path, `#!/bin/sh\necho '${help}'\n`)
    chmodSync(path, 0o700)
    return path
  }

  it('[COD54] what a release can do is read from the list of methods it names', () => {
    const old = [
      'thread/start',
      'turn/start',
      'turn/interrupt',
      'thread/fork',
      'thread/archive',
      'thread/rollback',
    ]
    expect([...operationsOf(new Set(old))].sort()).toEqual(
      ['archive', 'configure', 'decide', 'fork', 'interrupt', 'rollback', 'send'].sort(),
    )
    const recent = [
      'turn/start',
      'thread/turns/list',
      'thread/name/set',
      'turn/steer',
      'thread/revert',
      'review/start',
    ]
    expect([...operationsOf(new Set(recent))].sort()).toEqual(
      ['configure', 'decide', 'history', 'rename', 'revert', 'review', 'send', 'steer'].sort(),
    )
    expect([...readVariants('something else')]).toEqual([])
  })

  it('[COD55] a binary is asked once, and again when it has changed', async () => {
    const cache = new CapabilityCache()
    const path = binary('codex', 'one')
    expect([...(await cache.methodsOf(path, answer('a', 'b')))]).toEqual(['a', 'b'])
    expect([...(await cache.methodsOf(path, answer('never asked')))]).toEqual(['a', 'b'])
    binary('codex', 'another one')
    expect([...(await cache.methodsOf(path, answer('a', 'c')))]).toEqual(['a', 'c'])
  })

  it('[COD55] a release that answers in another way can do nothing until it is asked again', async () => {
    const cache = new CapabilityCache()
    const path = binary('strange', 'one')
    expect([...(await cache.methodsOf(path, async () => ({})))]).toEqual([])
    expect([...(await cache.methodsOf(path, answer('a')))]).toEqual(['a'])
  })

  it.each([
    ['--listen <URL>  `stdio://` (default), `unix://`, `unix://PATH`', process.platform !== 'win32'],
    ['--listen <URL>  `stdio://` (default), `ws://IP:PORT`', false],
  ])('[COD56] whether a release listens on sockets is read from its help: %s', async (help, expected) => {
    expect(await new CapabilityCache().canListenOnSocket(binary(`help-${expected}`, help))).toBe(expected)
  })
})
