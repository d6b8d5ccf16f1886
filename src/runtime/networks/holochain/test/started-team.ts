import { afterAll, beforeAll, expect } from 'vitest'
import { hasPrograms } from '../../../../devnet/binaries.js'
import type { RuntimeClient } from '../../../runtime-client.js'
import type { WantedSpace } from '../endpoint.js'
import { batchesIn } from './look-inside.js'
import type { PulledBatch } from '../zome-calls.js'
import { MINUTES, nameOf, WholeDevices } from './whole-devices.js'

/** Whether the real programs are on this machine. */
export const hasConductors = hasPrograms(['holochain', 'kitsune2-bootstrap-srv'])

/** Devices in one space, each with a real conductor, before the tests of a `describe` and until they are over. */
export interface StartedTeam {
  readonly all: () => WholeDevices
  readonly device: (name: string) => RuntimeClient
  /** What the devnet calls the device. */
  readonly name: (device: string) => Promise<string>
  readonly space: () => string
  /** Who knows its seed can meet the team with a conductor of their own. */
  readonly cell: () => WantedSpace
  /** Every batch that one device's conductor holds of the space. */
  readonly batches: (device: string) => Promise<readonly PulledBatch[]>
}

export function startTeam(...names: readonly string[]): StartedTeam {
  let devices: WholeDevices | undefined
  let space: string | undefined
  let cell: WantedSpace | undefined
  beforeAll(async () => {
    devices = await WholeDevices.start({ onCell: (_, wanted) => (cell = wanted) })
    space = (await devices.team(names)).space
    // A bound for what never comes: conductors that have just started find each other within seconds, on a busy machine within minutes.
  }, 6 * MINUTES)
  afterAll(() => devices?.close())

  const all = (): WholeDevices => devices ?? expect.fail('the devices are not there')
  const device = (name: string): RuntimeClient => all().device(name)
  const wanted = (): WantedSpace => cell ?? expect.fail('no cell was asked for')
  return {
    ...{ all, device, cell: wanted },
    name: (of) => nameOf(device(of)),
    space: () => space ?? expect.fail('the team has no space'),
    batches: async (of) => batchesIn(all().devnet, await nameOf(device(of)), wanted()),
  }
}

/** Devices without a space, likewise. */
export function startDevices(): () => WholeDevices {
  let devices: WholeDevices | undefined
  beforeAll(async () => {
    devices = await WholeDevices.start()
  }, 5 * MINUTES)
  afterAll(() => devices?.close())
  return () => devices ?? expect.fail('the devices are not there')
}
