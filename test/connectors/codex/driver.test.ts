/** The driver where things go wrong: children that do not start, do not stay, or are out of reach. */
import { chmodSync, existsSync, readdirSync, writeFileSync } from 'node:fs'
import { Socket } from 'node:net'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Identity, isSameProcess } from '../../../src/base/process-identity.ts'
import type { CodexConfig } from '../../../src/connectors/codex/config.ts'
import { isAtLeast } from '../../../src/connectors/codex/version.ts'
import type { OpenOptions, ProcessRecord } from '../../../src/connectors/driver.ts'
import { Recorder } from '../../contract/connector.ts'
import { type CodexHome, makeCodexHome } from '../../harness/codex-home.ts'
import { fixture } from '../../harness/programs.ts'
import { locateTestCodex } from '../../harness/test-codex.ts'
import { until, untilGone } from '../../harness/until.ts'

const codex = await locateTestCodex()
const hasSockets = isAtLeast(codex.version, '0.142.0')

/** The other end of a socket child's line is in no test's hand; this end is found among what the process has open. */
function openSockets(): Set<Socket> {
  const { _getActiveHandles } = process as unknown as { _getActiveHandles(): unknown[] }
  const sockets = _getActiveHandles.call(process).filter((handle) => handle instanceof Socket)
  return new Set(sockets)
}

describe('driver', () => {
  let home: CodexHome
  beforeAll(async () => {
    home = await makeCodexHome({ script: () => [{ say: 'Hello.' }] })
  })
  afterAll(() => home.close())

  /** A program called codex that says its version and then does as `lines` say. */
  function program(name: string, lines: string, version = '0.169.0'): string {
    const path = join(home.project, name)
    const text = `#!/bin/sh\n[ "$1" = --version ] && echo "codex-cli ${version}" && exit 0\n${lines}\n`
    writeFileSync(path, text)
    chmodSync(path, 0o700)
    return path
  }
  const options = (sink = new Recorder()): OpenOptions => ({
    sessionId: 'ses_1',
    cwd: home.project,
    settings: {},
    sink,
  })
  const hello = { commandId: 'command-1', input: [{ type: 'text' as const, text: 'hello' }] }

  it.runIf(hasSockets)(
    '[PRC18] a warden that was killed is replaced by the hub that has its child, and by the next one, and never doubled',
    async () => {
      const config = { graceMs: 20_000 }
      const first = await home.driver(config).create(options())
      const recorded = (): ProcessRecord => {
        const record = home.ledger.records.get(first.instance)
        if (!record) throw new Error('the child is not in the ledger')
        return record
      }
      const isOnDuty = async (warden: Identity | null) =>
        warden !== null && isSameProcess(warden.pid, warden.startToken)
      const wardenOf = () => recorded().warden ?? { pid: 0, startToken: '' }
      await first.startTurn(hello)
      const { warden } = recorded()
      expect(await isOnDuty(warden)).toBe(true)
      process.kill(warden?.pid ?? 0, 'SIGKILL')
      await until(async () => wardenOf().pid !== warden?.pid && (await isOnDuty(wardenOf())))
      const second = wardenOf()
      await first.detach()
      const joined = await home.driver(config).rejoin(recorded(), first.thread.threadId, options())
      expect(wardenOf()).toEqual(second)
      expect(await isOnDuty(second)).toBe(true)
      await joined.detach()
      process.kill(second.pid, 'SIGKILL')
      await untilGone(second)
      const again = await home.driver(config).rejoin(recorded(), first.thread.threadId, options())
      await until(async () => wardenOf().pid !== second.pid && (await isOnDuty(wardenOf())))
      const last = wardenOf()
      await again.stop({ force: true })
      await untilGone(last)
    },
  )

  it('[COD42] a child that ends at its start is told with what it wrote, and is forgotten', async () => {
    const lines = `printf '\\033[31mERROR\\033[0m the config is broken\\n' >&2\nexit 3`
    const codexPath = program('crashes', lines)
    const driver = home.driver({ codexPath, transport: 'stdio' })
    await expect(driver.create(options())).rejects.toMatchObject({
      fault: 'handshakeFailed',
      message: expect.stringContaining('ERROR the config is broken'),
      facts: { stderr: 'ERROR the config is broken', exit: { code: 3, signal: null } },
    })
    expect([...home.ledger.records]).toEqual([])
  })

  it('[COD42] a child that opens no socket is told so in time, and is ended', async () => {
    const codexPath = program('is-mute', `[ "$2" = --help ] && echo 'unix://' && exit 0\nexec sleep 600`)
    const driver = home.driver({ codexPath, transport: 'socket', startupTimeoutMs: 300 })
    await expect(driver.create(options())).rejects.toMatchObject({
      fault: 'spawnFailed',
      message: 'Codex 0.169.0 opened no socket in time.',
    })
    expect([...home.ledger.records]).toEqual([])
    expect(readdirSync(home.socketFolder)).toEqual([])
  })

  it('[COD43] a child that met a locked database at its start is started again', async () => {
    const marker = join(home.project, 'was-locked')
    const lines = `[ -e '${marker}' ] || { touch '${marker}'; printf 'Error: database is locked\\n\\nStack backtrace:\\n%s\\n' 1 2 3 4 5 6 7 8 9 >&2; exit 1; }\nexec '${codex.path}' "$@"`
    const driver = home.driver({ codexPath: program('is-locked', lines, codex.version), transport: 'stdio' })
    const connector = await driver.create(options())
    expect(existsSync(marker)).toBe(true)
    expect(connector.codexVersion).toBe(codex.version)
    await connector.stop()
  })

  it('[COD44] an exit with code 0 in a turn is told as an exit, after the last event', async () => {
    const codexPath = program('exits', `exec '${process.execPath}' '${fixture('exits-in-turn.mjs')}'`)
    const sink = new Recorder()
    const connector = await home.driver({ codexPath, transport: 'stdio' }).create(options(sink))
    const { turnId } = await connector.startTurn(hello)
    expect(await sink.cause()).toEqual({
      kind: 'exited',
      message: 'the process exited with code 0',
      code: 0,
      signal: null,
    })
    expect(sink.events.map(({ type }) => type)).toEqual(['turnStarted'])
    expect(sink.ofType('turnStarted')[0]?.turn.id).toBe(turnId)
    await connector.stop()
    expect(sink.causes).toHaveLength(1)
    expect([...home.ledger.records]).toEqual([])
  })

  it('[COD45] a folder that does not exist is refused before anything is started', async () => {
    const driver = home.driver()
    const cwd = join(home.project, 'nowhere')
    await expect(driver.create({ ...options(), cwd })).rejects.toMatchObject({
      fault: 'refused',
      facts: { cwd },
    })
    expect([...home.ledger.records]).toEqual([])
  })

  it.each<[CodexConfig['transport'], boolean]>([
    ['stdio', false],
    ['auto', hasSockets],
  ])(
    '[COD46] the transport %s is chosen as configured, and a terminal can join where there is a socket',
    async (transport, isSocket) => {
      const driver = home.driver({ ...(transport ? { transport } : {}) })
      const connector = await driver.create(options())
      const record = home.ledger.records.get(connector.instance)
      expect(record).toMatchObject({
        sessionId: 'ses_1',
        hubId: 'hub_test',
        codexPath: codex.path,
        codexHome: home.home,
      })
      const { threadId } = connector.thread
      const command = [codex.path, 'resume', threadId, '--remote', `unix://${record?.socketPath}`]
      expect(connector.terminal()).toEqual(isSocket ? { command, env: { CODEX_HOME: home.home } } : null)
      expect(connector.operations.has('terminal')).toBe(isSocket)
      await connector.stop()
      expect([...home.ledger.records]).toEqual([])
      expect(readdirSync(home.socketFolder)).toEqual([])
    },
  )

  it('[COD47] a child that cannot be written into the ledger is ended before anything is said to it', async () => {
    const heard = join(home.project, 'heard')
    const codexPath = program('listens', `read line && echo "$line" > '${heard}'\nexec sleep 600`)
    const records: ProcessRecord[] = []
    const { record } = home.ledger
    home.ledger.record = async (process) => {
      records.push(process)
      throw new Error('the disk is full')
    }
    await expect(home.driver({ codexPath, transport: 'stdio' }).create(options())).rejects.toThrow(
      'the disk is full',
    )
    home.ledger.record = record
    await Promise.all(records.map(untilGone))
    expect({ children: records.length, heard: existsSync(heard) }).toEqual({ children: 1, heard: false })
  })

  it.runIf(hasSockets)(
    '[COD48] a session whose connection was lost gets its own child back and no second one',
    async () => {
      const sink = new Recorder()
      const driver = home.driver({ transport: 'socket' })
      const before = openSockets()
      const connector = await driver.create(options(sink))
      const { turnId } = await connector.startTurn(hello)
      await sink.turnEnd(turnId)
      for (const socket of openSockets()) if (!before.has(socket)) socket.destroy()
      expect((await sink.cause()).kind).not.toBe('exited')
      const again = await driver.resume(connector.thread.threadId, options())
      expect(again.instance).toBe(connector.instance)
      expect([...home.ledger.records.keys()]).toEqual([connector.instance])
      await again.stop()
    },
  )

  it.runIf(hasSockets)('[COD49] a child that is reaped ends and is forgotten', async () => {
    const driver = home.driver({ transport: 'socket' })
    const connector = await driver.create(options())
    const record = home.ledger.records.get(connector.instance)
    if (!record) throw new Error('the child is not in the ledger')
    await connector.detach()
    expect(await driver.isAlive(record)).toBe(true)
    await home.driver().reap(record)
    await untilGone(record)
    expect([...home.ledger.records]).toEqual([])
    expect(readdirSync(home.socketFolder)).toEqual([])
  })

  it('[COD50] the report names the Codex that is used and what it can do', async () => {
    const report = await home.driver().report()
    expect({ ...report, methods: report.methods.includes('turn/start') }).toMatchObject({
      path: codex.path,
      version: codex.version,
      problem: null,
      methods: true,
    })
  })

  it('[COD50] the report says what is wrong and what to do when there is no Codex to use', async () => {
    const codexPath = program('is-old', 'exit 1', '0.63.0')
    expect(await home.driver({ codexPath }).report()).toEqual({
      path: codexPath,
      version: '0.63.0',
      source: 'configured',
      problem: `Codex 0.63.0 at ${codexPath} is too old: the hub needs 0.80.0 or newer. Update it with \`npm install -g @openai/codex@latest\`, or configure the path of a newer one.`,
      methods: [],
      canShare: null,
    })
  })
})
