import { chmodSync, mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { locateCodex } from '../../../src/connectors/codex/locate.ts'
import { findInPackage, resolveNative } from '../../../src/connectors/codex/native-binary.ts'
import { isAtLeast, parseVersion } from '../../../src/connectors/codex/version.ts'

const LINUX = { platform: 'linux', arch: 'x64' }
const MAC = { platform: 'darwin', arch: 'arm64' }
const WINDOWS = { platform: 'win32', arch: 'x64' }

describe('locate', () => {
  let root: string
  beforeAll(() => {
    root = realpathSync(mkdtempSync(join(tmpdir(), 'locate-')))
  })
  afterAll(() => rmSync(root, { recursive: true }))

  function file(path: string, text: string): string {
    const whole = join(root, path)
    mkdirSync(dirname(whole), { recursive: true })
    writeFileSync(whole, text)
    chmodSync(whole, 0o755)
    return whole
  }
  const native = (path: string, version = '0.169.0') => file(path, `#!/bin/sh\necho "codex-cli ${version}"\n`)
  const shim = (path: string) => file(path, '#!/usr/bin/env node\n')

  it('[COD51] the shim of a package leads to the binary of its platform package', () => {
    const start = shim('new/node_modules/@openai/codex/bin/codex.js')
    file('new/node_modules/@openai/codex/package.json', '{}')
    file('new/node_modules/@openai/codex-linux-x64/package.json', '{}')
    const binary = native(
      'new/node_modules/@openai/codex-linux-x64/vendor/x86_64-unknown-linux-musl/bin/codex',
    )
    mkdirSync(join(root, 'new/bin'))
    symlinkSync(start, join(root, 'new/bin/codex'))
    expect(resolveNative(join(root, 'new/bin/codex'), LINUX)).toBe(binary)
    expect(resolveNative(start, MAC)).toBe(null)
  })

  it('[COD51] one package that holds all platforms leads to the one that fits', () => {
    const start = shim('old/node_modules/@openai/codex/bin/codex.js')
    const linux = native('old/node_modules/@openai/codex/vendor/x86_64-unknown-linux-musl/codex/codex')
    const mac = native('old/node_modules/@openai/codex/vendor/aarch64-apple-darwin/codex/codex')
    const windows = native('old/node_modules/@openai/codex/vendor/x86_64-pc-windows-msvc/codex/codex.exe')
    expect([LINUX, MAC, WINDOWS].map((on) => resolveNative(start, on))).toEqual([linux, mac, windows])
    expect(findInPackage(dirname(dirname(start)), { platform: 'linux', arch: 'riscv64' })).toBe(null)
    // npm puts this beside `node_modules` on Windows.
    expect(resolveNative(file('old/codex.cmd', '@node'), WINDOWS)).toBe(windows)
  })

  it('[COD51] a binary, or a shell script that wraps one, is what it is', () => {
    const wrapper = native('wrapped/codex')
    expect(resolveNative(wrapper, LINUX)).toBe(wrapper)
    const binary = file('plain/codex', '\x7fELF')
    expect(resolveNative(binary, LINUX)).toBe(binary)
  })

  it('[COD52] the configured Codex comes before the one on PATH, and that before the bundled one', async () => {
    const configuredPath = native('a/codex', '0.150.0')
    const onPath = native('b/codex', '0.151.0')
    const bundledPackage = join(root, 'old/node_modules/@openai/codex')
    const env = { PATH: [join(root, 'empty'), dirname(onPath)].join(':') }
    expect(await locateCodex({ configuredPath, env, bundledPackage })).toEqual({
      path: configuredPath,
      version: '0.150.0',
      source: 'configured',
    })
    expect(await locateCodex({ env, bundledPackage })).toEqual({
      path: onPath,
      version: '0.151.0',
      source: 'path',
    })
    const bundled = findInPackage(bundledPackage)
    expect(await locateCodex({ env: {}, bundledPackage })).toEqual({
      path: bundled,
      version: '0.169.0',
      source: 'bundled',
    })
  })

  it('[COD52] a shim on PATH whose binary is not installed is passed over', async () => {
    shim('broken/codex')
    const onPath = native('good/codex')
    const env = { PATH: [join(root, 'broken'), dirname(onPath)].join(':') }
    expect((await locateCodex({ env, bundledPackage: null })).path).toBe(onPath)
  })

  it('[COD53] no Codex, a wrong path and one too old are told with what to do', async () => {
    await expect(locateCodex({ env: {}, bundledPackage: null })).rejects.toMatchObject({
      fault: 'codexMissing',
      message:
        'No Codex was found on PATH. Install one with `npm install -g @openai/codex`, or configure the path of the binary.',
    })
    await expect(locateCodex({ configuredPath: join(root, 'none') })).rejects.toMatchObject({
      fault: 'codexMissing',
      message: expect.stringContaining('Correct the path'),
    })
    const other = file('other', '#!/bin/sh\necho hello\n')
    await expect(locateCodex({ configuredPath: other })).rejects.toMatchObject({
      fault: 'codexMissing',
      message: expect.stringContaining('is not Codex'),
    })
    const configuredPath = native('old-one/codex', '0.79.9')
    await expect(locateCodex({ configuredPath })).rejects.toMatchObject({
      fault: 'codexTooOld',
      message: expect.stringContaining('Update it with'),
      facts: { version: '0.79.9', oldest: '0.80.0' },
    })
  })

  it('[COD53] a binary that does not say its version in time counts as none', async () => {
    const configuredPath = file('sleeps', '#!/bin/sh\nexec sleep 60\n')
    await expect(locateCodex({ configuredPath, versionTimeoutMs: 100 })).rejects.toMatchObject({
      fault: 'codexMissing',
      message: expect.stringContaining('did not say its version'),
    })
  })

  it.each([
    ['0.169.0', '0.80.0', true],
    ['0.80.0', '0.80.0', true],
    ['0.79.9', '0.80.0', false],
    ['1.0.0', '0.80.0', true],
    ['0.170.0-alpha.3', '0.170.0', true],
  ])('[COD53] whether %s is at least %s is %s', (version, least, expected) => {
    expect(isAtLeast(version, least)).toBe(expected)
    expect(parseVersion(`codex-cli ${version}\n`)).toBe(version)
  })
})
