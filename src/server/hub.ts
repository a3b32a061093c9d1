/** The hub as a whole: builds the rooms in the order they need each other, and takes them down in the reverse order. */
import { chmodSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { systemClock } from '../base/clock.ts'
import { mintId } from '../base/id.ts'
import { lockFolder } from '../persistence/folder-lock.ts'
import { openStore } from '../persistence/open-store.ts'
import { Adoption } from './adoption/adoption.ts'
import { DroppedThreads } from './adoption/dropped.ts'
import { KnownRollouts } from './adoption/known-rollouts.ts'
import { Agents } from './agents/agents.ts'
import { AttentionLog } from './attention/attention-log.ts'
import { Hooks } from './attention/hooks.ts'
import { Checkpoints } from './checkpoints/checkpoints.ts'
import { Clients } from './client/clients.ts'
import { OUTBOX_LIMITS } from './client/outbox.ts'
import { CodexCheck } from './codex-check.ts'
import { dispatch } from './commands/dispatch.ts'
import { Receipts } from './commands/receipts.ts'
import { homesOf, worktreeFolder } from './config.ts'
import { Exports } from './export/export.ts'
import { openHttp } from './http/http.ts'
import { findPageFolder } from './http/page.ts'
import { ALL_SCOPES, readOwnToken, Tokens } from './http/tokens.ts'
import type { HubOptions, RunningHub } from './hub-options.ts'
import { Imports } from './import/import.ts'
import { Uploads } from './import/uploads.ts'
import { Jobs } from './jobs/jobs.ts'
import { Ledger } from './ledger.ts'
import { openLog } from './log.ts'
import { makeDriver } from './make-driver.ts'
import { Parking } from './parking.ts'
import { QueueSender } from './queue-sender.ts'
import { Registry } from './registry.ts'
import { settleProcesses } from './rejoin.ts'
import type { HubRooms } from './rooms.ts'
import { Search } from './search/search.ts'
import { noteLetGo } from './session/kept-open.ts'
import { takeDown } from './take-down.ts'
import { Worktrees } from './worktrees/worktrees.ts'

/** How long a stopping hub waits for the commands that are under way, so that their answers are known. Milliseconds. */
const COMMANDS_MS = 3_000

/** @throws ConfigError, StoreError (`folderLocked`, `newerDatabase`, `corrupt` …) or the listen error of the port */
export async function startHub(options: HubOptions): Promise<RunningHub> {
  const { folder, config, version } = options
  const clock = options.clock ?? systemClock
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  if (process.platform !== 'win32') chmodSync(folder, 0o700)
  const log = options.log ?? openLog(folder, config.logLevel, process.stderr.isTTY === true)
  const hubId = mintId('hub', clock.now())
  const undo: (() => unknown)[] = []
  try {
    const lock = await lockFolder({ folder, hubId })
    undo.push(() => lock.release())
    const store = await (options.openStore ?? openStore)({ folder, log, clock, worker: options.storeWorker })
    undo.push(() => store.close())
    store.onFault((fault) => {
      if (fault)
        log.error({ err: fault }, 'the store cannot write; nothing is dropped, writing is tried again')
      else log.info({}, 'the store writes again')
    })
    const [sessions, processes, rollouts, droppedThreads, queues, agents, needs] = await Promise.all([
      store.loadSessions(),
      store.loadProcesses(),
      store.loadRollouts(),
      store.loadDropped(),
      store.loadQueues(),
      store.loadAgents(),
      store.loadAttention(),
      store.settleReceipts(),
    ])
    const ledger = new Ledger(store)
    // A child that ends later is no news for a store that is closed.
    undo.push(() => ledger.close())
    const driver =
      options.makeDriver?.(ledger, hubId) ??
      (await makeDriver(options, { ledger, hubId, log, clock, lockPath: lock.path }))
    undo.push(() => driver.close())
    const adoption = new Adoption({
      homes: homesOf(config),
      known: new KnownRollouts(store, rollouts, sessions),
      dropped: new DroppedThreads(store, droppedThreads),
      clock,
      log,
      hubVersion: version,
      ...(config.codexPath === undefined ? {} : { codexCommand: config.codexPath }),
      endedAfterMs: config.observedEndMs,
    })
    const registry = new Registry({ driver, foreign: adoption, store, clock, log })
    const { parkAfterMs, maxProcesses, isolation } = config
    driver.onUnloaded = (threadId) => noteLetGo(registry.byThread(threadId)?.record ?? null)
    const parking = new Parking({ registry, clock, log, parkAfterMs, maxProcesses, isolation })
    undo.push(() => parking.close())
    registry.hooks.makeRoom = (sessionId) => parking.makeRoom(sessionId)
    const search = new Search({ store, adoption, registry, clock, log })
    undo.push(() => search.close())
    registry.restore(sessions, queues)
    const checkpoints = new Checkpoints({ isOn: config.checkpoints, clock, log })
    registry.hooks.witness = checkpoints
    const sender = new QueueSender({ registry, driver, store, clock, log })
    registry.hooks.onMayGoOn = (session) => sender.look(session)

    const hooks = new Hooks({ config: config.attention, clock, log })
    undo.push(() => hooks.close())
    const { stalledAfterMs } = config.attention
    const attention = new AttentionLog(
      { registry, store, clock, stalledAfterMs, raised: (entry) => hooks.tell(entry) },
      needs,
    )
    attention.begin()

    let isClosing = false
    const clients: Clients = new Clients({
      clock,
      log,
      limits: options.outboxLimits ?? OUTBOX_LIMITS,
      dispatch: (client, request) => dispatch(rooms, client, request),
    })
    const uploads = new Uploads(folder, clock)
    const imports = new Imports({ store, registry, clients, uploads, clock })
    await imports.clean()
    const rooms: HubRooms = {
      hubId,
      folder,
      home: options.home ?? homedir(),
      version,
      startedAt: clock.now(),
      clock,
      log,
      store,
      driver,
      codex: new CodexCheck(driver, clock),
      registry,
      queues: sender,
      checkpoints,
      adoption,
      attention,
      search,
      exports: new Exports({ store, clock, hubId, version }),
      imports,
      uploads,
      worktrees: new Worktrees(worktreeFolder(config)),
      agents: new Agents(
        { store, clock, registry, ledger, config: config.agents, clients: () => clients },
        agents,
      ),
      receipts: new Receipts(store, clock),
      clients,
      jobs: new Jobs(clock),
      ledger,
      isClosing: () => isClosing,
      // Not before the answer has left.
      shutDown: (stopSessions) => void clock.after(20, () => void close({ stopSessions }).catch(() => {})),
    }
    const token = readOwnToken(folder)
    const tokens = new Tokens([{ name: 'owner', token, scopes: ALL_SCOPES }, ...config.tokens])
    const { makeAgentDoor, pageFolder = findPageFolder() } = options
    const http = await openHttp(
      rooms,
      config,
      tokens,
      pageFolder,
      (url) => makeAgentDoor?.({ url, token }) ?? null,
    )
    const notice = join(folder, 'hub.json')
    writeFileSync(notice, JSON.stringify({ url: http.url, pid: process.pid, version }), { mode: 0o600 })
    log.info({ url: http.url, hubId, version, sessions: sessions.length }, 'the hub is up')
    const settled = settleProcesses(processes, { driver, ledger, registry, log })
    // It starts three processes of Codex: running turns are joined before it takes the processors.
    void settled.then(() => (isClosing ? undefined : rooms.codex.look()))
    // What the hub has open itself must be known before anybody looks at what others have.
    const adopted = settled.then(() => (isClosing ? undefined : adoption.start(registry)))
    adopted.then(
      () => search.start(),
      (error: unknown) => log.error({ err: error }, 'the sessions of others cannot be found'),
    )

    // A session that others have open is joined rather than resumed.
    void adopted
      .catch(() => {})
      .then(() => (isClosing ? undefined : sender.begin()))
      .catch((error: unknown) => log.error({ err: error }, 'what waits in the queues cannot be sent'))

    let closing: Promise<void> | null = null
    let reportClosed: () => void = () => {}
    const closed = new Promise<void>((resolve) => {
      reportClosed = resolve
    })
    function close({ stopSessions = false } = {}): Promise<void> {
      closing ??= (async () => {
        isClosing = true
        log.info({ stopSessions }, 'the hub is stopping')
        rmSync(notice, { force: true })
        await settled
        await adopted.catch(() => {})
        const steps = [
          () => search.close(),
          () => sender.close(),
          () => rooms.receipts.settled(COMMANDS_MS),
          () => adoption.close(),
          () => parking.close(),
          () => attention.close(),
          () => hooks.close(),
          () => rooms.jobs.close(),
          () => registry.close(stopSessions),
          () => clients.closeAll(),
          () => uploads.close(),
          () => http.close(),
          () => driver.close(),
          // What runs on without a connection has no session that could stop it.
          () => stopSessions && Promise.allSettled([...ledger.processes].map((each) => driver.reap(each))),
          () => ledger.close(),
          () => store.close(),
          () => lock.release(),
        ]
        await takeDown(steps, log)
        log.info({}, 'the hub is down')
      })().finally(reportClosed)
      return closing
    }
    return { url: http.url, token, pid: process.pid, settled, adopted, closed, close }
  } catch (error) {
    await takeDown(undo.reverse(), log).catch(() => {})
    throw error
  }
}
