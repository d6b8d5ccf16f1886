import { afterEach, expect, test, vi } from 'vitest'
import { SpiceTimeError } from '../errors/spice-time-error.js'
import type { ConnectionReport } from '../runtime-client.js'
import { ManualPlatform } from '../testing/manual-platform.js'
import { ConnectionState } from './connection-state.js'

afterEach(() => {
  vi.unstubAllGlobals()
})

const error = new SpiceTimeError('CONNECTION_RECOVERING', 'wait')
const make = (): ConnectionState => new ConnectionState(new ManualPlatform(), { kind: 'worker', generation: 'a' })

test('a listener that throws is reported, and the others hear all the same', () => {
  const reportError = vi.fn<(error: unknown) => void>()
  vi.stubGlobal('reportError', reportError)
  const state = make()
  const mistake = new Error('the application’s')
  const heard: ConnectionReport['state'][] = []
  state.listen((report) => {
    if (report.state !== 'connected') throw mistake
  })
  state.listen((report) => heard.push(report.state))
  state.recovering(error)
  expect(heard).toEqual(['connected', 'recovering'])
  expect(reportError.mock.calls).toEqual([[mistake]])
})

test('listeners hear what differs, and nothing after their undo', () => {
  const state = make()
  const heard: ConnectionReport[] = []
  const undo = state.listen((report) => heard.push(report))
  state.learn({ generation: 'a' })
  state.learn({ storage: 'durable' })
  state.recovering(error)
  state.recovering(error)
  state.connected({ kind: 'page', generation: 'b' })
  undo()
  state.failed(error)
  expect(heard.map((report) => [report.state, report.generation, report.storage, report.error?.code])).toEqual([
    ['connected', 'a', undefined, undefined],
    ['connected', 'a', 'durable', undefined],
    ['recovering', 'a', 'durable', 'CONNECTION_RECOVERING'],
    ['connected', 'b', 'durable', undefined],
  ])
})
