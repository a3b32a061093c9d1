import { expect, it } from 'vitest'
import type { Driver } from '../../src/connectors/driver.ts'
import { HubError } from '../../src/protocol/errors.ts'
import { Jobs } from '../../src/server/jobs/jobs.ts'
import { startLogin } from '../../src/server/jobs/start.ts'
import type { HubRooms } from '../../src/server/rooms.ts'
import { ManualClock } from '../harness/manual-clock.ts'

it('[ACC3] a login for which there is no room is given up in Codex too, and its end is nobody’s news', async () => {
  const asked: string[] = []
  let ended = (): void => {}
  const line = {
    methods: new Set(['account/login/start', 'account/login/cancel', 'turn/steer']),
    ask: async (method: string) => {
      asked.push(method)
      return { type: 'chatgpt', loginId: 'login-1', authUrl: 'http://127.0.0.1/auth' }
    },
    follow: (_notified: unknown, closed: (cause: object) => void) => {
      ended = () => closed({ kind: 'exited', message: 'gone' })
      return () => {}
    },
  }
  const jobs = {
    running: [],
    loggingIn: new Set(),
    begin: () => {
      throw new HubError('overloaded', 'Too many jobs run.')
    },
  }
  const driver = { ask: (question: (each: unknown) => unknown) => question(line) } as unknown as Driver
  const rooms = { jobs, driver } as unknown as HubRooms
  await expect(startLogin(rooms, null, { method: 'browser' })).rejects.toMatchObject({
    data: { name: 'overloaded' },
  })
  // Were the rejection heard by nobody, the run of all tests would fail of it.
  ended()
  expect(asked).toEqual(['account/login/start', 'account/login/cancel'])
})

it('[ACC2] of two who begin to log in to a home at once one is refused before Codex is asked', async () => {
  const answer = Promise.withResolvers<object>()
  const asked: string[] = []
  const line = {
    methods: new Set(['account/login/start', 'turn/steer']),
    ask: (method: string) => {
      asked.push(method)
      return answer.promise
    },
    follow: () => () => {},
  }
  const driver = { ask: (question: (each: unknown) => unknown) => question(line) } as unknown as Driver
  const rooms = { jobs: new Jobs(new ManualClock()), driver } as unknown as HubRooms
  const first = startLogin(rooms, null, { method: 'browser' })
  expect(() => startLogin(rooms, null, { method: 'browser' })).toThrow('Somebody is logging in')
  answer.resolve({ type: 'chatgpt', loginId: 'login-1', authUrl: 'http://127.0.0.1/auth' })
  const { facts } = await first
  expect([facts.status, asked]).toEqual(['running', ['account/login/start']])
})
