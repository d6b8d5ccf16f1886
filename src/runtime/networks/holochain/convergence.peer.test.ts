import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { hasPrograms } from '../../../devnet/binaries.js'
import { isSpiceTimeError } from '../../errors/spice-time-error.js'
import type { EventInput } from '../../model/event.js'
import type { RuntimeClient } from '../../runtime-client.js'
import { bytesOf, holochainOf, MINUTES, nameOf, until, WholeDevices } from './test/whole-devices.js'

const NAMES = ['ada', 'ben', 'cleo'] as const
const ROUNDS = 2
const EDITS = 14
const SEED = Number(process.env['PROMISE_SEED'] ?? Math.floor(Math.random() * 1e9))

/** https://en.wikipedia.org/wiki/Lehmer_random_number_generator */
function dice(seed: number): (sides: number) => number {
  let state = (seed % 2147483646) + 1
  return (sides) => (state = (state * 48271) % 2147483647) % sides
}

type Dice = ReturnType<typeof dice>

/** One of the things that people do to a task; some do not fit what is there, and are refused to who tried. */
function edit(space: string, roll: Dice, author: string): EventInput {
  const task = `${space}/tasks/${roll(3)}`
  const edits: readonly (() => EventInput)[] = [
    () => ({ path: task, op: 'put', value: { title: `${author} ${roll(100)}`, done: roll(2) === 0, tags: [author] } }),
    () => ({ path: task, op: 'patch', value: { [`field${roll(3)}`]: roll(1000), who: { last: author } } }),
    () => ({ path: `${task}/votes`, op: 'add', value: roll(5) - 2 }),
    () => ({ path: `${task}/tags`, op: 'insert', index: 0, value: `${author}${roll(100)}` }),
    () => ({ path: `${task}/tags`, op: 'delete', index: 0, count: 1 }),
    () => ({ path: `${task}/notes`, op: 'text', delta: [{ insert: `${author} wrote ${roll(100)}. ` }] }),
    () => ({ path: `${task}/done`, op: 'put', value: roll(2) === 0 }),
    () => ({ path: task, op: 'remove' }),
  ]
  return edits[roll(edits.length)]?.() ?? expect.fail('no edit')
}

describe.skipIf(!hasPrograms(['holochain', 'kitsune2-bootstrap-srv']))('devices that were apart', () => {
  let devices: WholeDevices
  let team: readonly RuntimeClient[]
  let space: string

  beforeAll(async () => {
    devices = await WholeDevices.start()
    ;({ space, devices: team } = await devices.team(NAMES))
  }, 6 * MINUTES)
  afterAll(() => devices?.close())

  test(
    `P4: three edit the same tasks offline and come back in any order: one state, byte for byte (seed ${SEED})`,
    { timeout: 10 * MINUTES },
    async () => {
      const roll = dice(SEED)
      const names = await Promise.all(team.map(nameOf))
      for (let round = 0; round < ROUNDS; round++) {
        for (const name of names) await devices.devnet.offline(name)
        for (let number = 0; number < EDITS; number++) {
          for (const [index, device] of team.entries()) await tryTo(device, edit(space, roll, NAMES[index] ?? ''))
        }
        expect(new Set(await Promise.all(team.map((device) => bytesOf(device, space)))).size).toBeGreaterThan(1)
        for (const name of shuffled(names, roll)) {
          devices.devnet.online(name)
          await new Promise((resolve) => setTimeout(resolve, roll(3000)))
        }
        await until(async () => {
          const logs = await Promise.all(team.map((device) => device.events({ limit: 1000 })))
          expect(new Set(logs.map((log) => JSON.stringify(log.map(({ id }) => id).toSorted()))).size).toBe(1)
        })
        expect(new Set(await Promise.all(team.map((device) => bytesOf(device, space)))).size).toBe(1)
      }
      await until(async () => expect((await Promise.all(team.map(holochainOf))).map(({ queued }) => queued)).toEqual([0, 0, 0]))
    },
  )
})

function shuffled<T>(items: readonly T[], roll: Dice): readonly T[] {
  return items
    .map((item) => ({ item, at: roll(1_000_000) }))
    .toSorted((a, b) => a.at - b.at)
    .map(({ item }) => item)
}

async function tryTo(device: RuntimeClient, input: EventInput): Promise<void> {
  try {
    await device.submitEvent(input)
  } catch (error) {
    if (!isSpiceTimeError(error, 'VALUE_TYPE_CLASH') && !isSpiceTimeError(error, 'OPERATION_MALFORMED')) throw error
  }
}
