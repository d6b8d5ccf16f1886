import { describe, expect, test } from 'vitest'
import type { Diagnostic } from '../../diagnostics/diagnostics.js'
import type { RuntimeClient } from '../../runtime-client.js'
import { hasConductors, startDevices } from './test/started-team.js'
import { diagnosticsOf, MINUTES, PATIENCE, until } from './test/whole-devices.js'

const EVERY = 300
/** Of the events before the snapshot: keystrokes in one text, which are merged before they are sent. */
const KEYS = 60

describe.skipIf(!hasConductors)('snapshots on real conductors', () => {
  const devices = startDevices()

  async function device(name: string): Promise<{ readonly client: RuntimeClient; readonly seen: readonly Diagnostic[] }> {
    const client = await devices().open(name, { snapshotEvery: EVERY })
    return { client, seen: diagnosticsOf(client) }
  }

  test('who joins late takes the snapshot and the tail, and both write on', { timeout: 10 * MINUTES }, async () => {
    const ada = await device('ada')
    const space = await ada.client.createSpace({ name: 'House' })
    const path = (number: number): string => `${space.id}/tasks/${number % 20}`
    const note = `${space.id}/notes/1`
    const typed = async (from: number, keys: string): Promise<void> => {
      const deltas = keys.split('').map((insert, index) => (from + index === 0 ? [{ insert }] : [{ retain: from + index }, { insert }]))
      await ada.client.submitEvents(deltas.map((delta) => ({ path: `${note}/text`, op: 'text' as const, delta })))
    }
    await typed(0, 'x'.repeat(KEYS))
    for (let start = KEYS; start < EVERY; start += 60) {
      const events = Array.from({ length: 60 }, (_, index) => ({
        path: path(start + index),
        op: 'patch' as const,
        value: { title: `Task ${start + index}`, round: start },
      }))
      await ada.client.submitEvents(events)
    }
    await until(async () => expect(ada.seen).toContainEqual(expect.objectContaining({ kind: 'snapshot-published', events: EVERY + 1 })))
    expect(await ada.client.events({ under: note })).toHaveLength(1)
    await ada.client.submitEvent({ path: path(3), op: 'patch', value: { done: true } })
    await typed(KEYS, 'yz')

    const ben = await device('ben')
    await ben.client.joinSpace(await ada.client.invite(space.id), { as: 'Ben' })
    const wanted = (await ada.client.getState(path(3))).value
    expect(wanted).toMatchObject({ done: true })
    await until(async () => expect((await ben.client.getState(path(3))).value).toEqual(wanted))
    expect(ben.seen).toContainEqual(
      expect.objectContaining({ kind: 'snapshot-taken', author: (await ada.client.storage()).author, events: EVERY + 1 }),
    )
    await until(async () => expect((await ben.client.getState(note)).value).toEqual({ text: `${'x'.repeat(KEYS)}yz` }))
    for (let number = 0; number < 20; number++)
      expect((await ben.client.getState(path(number))).value).toEqual((await ada.client.getState(path(number))).value)
    // Ben's own entry, Ada's, and what came after the snapshot.
    expect((await ben.client.storage()).events).toBeLessThan(EVERY / 2)
    expect((await ben.client.getState(path(7))).networks.holochain?.level).toBe('shared')
    expect((await ben.client.getState(path(7))).level).toBe('shared')

    const id = await ben.client.submitEvent({ path: path(7), op: 'patch', value: { by: 'Ben' } })
    await until(async () => expect((await ada.client.getState(path(7))).value).toMatchObject({ by: 'Ben' }))
    await ada.client.reached(id, 'shared', { signal: AbortSignal.timeout(PATIENCE.timeout) })
  })
})
