import { describe, expect, test } from 'vitest'
import type { Diagnostic } from '../../diagnostics/diagnostics.js'
import { isSpiceTimeError } from '../../errors/spice-time-error.js'
import type { EventInput } from '../../model/event.js'
import type { RuntimeClient } from '../../runtime-client.js'
import { hasConductors, startTeam } from './test/started-team.js'
import { bytesOf, diagnosticsOf, holochainOf, MINUTES, until } from './test/whole-devices.js'

const NAMES = ['ada', 'ben', 'cleo'] as const
const ROUNDS = 2
const EDITS = 14
/** Milliseconds between one device's coming back and the next one's, at most. */
const LONGEST_WAY_BACK = 3_000
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

describe.skipIf(!hasConductors)('devices that were apart', () => {
  const team = startTeam(...NAMES)

  test(
    `P4: three edit the same tasks offline and come back in any order: one state, byte for byte (seed ${SEED})`,
    { timeout: 10 * MINUTES },
    async () => {
      const [devices, space, { devnet }] = [NAMES.map(team.device), team.space(), team.all()]
      const seen = devices.map(diagnosticsOf)
      const refused = (): readonly Diagnostic[] =>
        seen.flat().filter(({ kind }) => kind === 'event-refused' || kind === 'event-quarantined')
      const roll = dice(SEED)
      const states = async (): Promise<number> => new Set(await Promise.all(devices.map((device) => bytesOf(device, space)))).size
      // A conductor that stands still is off the network, as that of a machine that sleeps. One that is stopped comes back with another address, and
      // those of 0.7.1 that come back at once dial each other's old ones for minutes: https://github.com/holochain/kitsune2/issues/614
      for (let round = 0; round < ROUNDS; round++) {
        const names = await Promise.all(NAMES.map(team.name))
        await Promise.all(names.map((name) => devnet.freeze(name)))
        for (let number = 0; number < EDITS; number++) {
          for (const name of NAMES) await tryTo(team.device(name), edit(space, roll, name))
        }
        expect(await states()).toBe(NAMES.length)
        for (const name of shuffled(names, roll)) {
          await devnet.thaw(name)
          await pause(roll(LONGEST_WAY_BACK))
        }
        await until(async () => {
          const [first, ...others] = await Promise.all(devices.map(logOf))
          for (const other of others) expect(other).toEqual(first)
        })
        expect(refused()).toEqual([])
        expect(await states()).toBe(1)
      }
      await until(async () => expect((await Promise.all(devices.map(holochainOf))).map(({ queued }) => queued)).toEqual([0, 0, 0]))
    },
  )
})

/** The ids of all events that are applied. */
async function logOf(device: RuntimeClient): Promise<readonly string[]> {
  const ids = (await device.events({ limit: 1000 })).map(({ id }) => id)
  return ids.toSorted()
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds))
}

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
