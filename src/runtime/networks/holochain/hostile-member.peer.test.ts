import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Device, HOSTILE_APP } from '../../../devnet/holochain/test/device.js'
import { toBase32 } from '../../codec/base32.js'
import { decodeEvent } from '../../codec/event-codec.js'
import type { Diagnostic } from '../../diagnostics/diagnostics.js'
import { EventFactory } from '../../testing/event-factory.js'
import type { Batch } from './batch.js'
import { encodeSignal, signalOf } from './signals.js'
import { hasConductors, startTeam } from './test/started-team.js'
import { bytesOf, diagnosticsOf, holochainOf, MINUTES, until } from './test/whole-devices.js'

describe.skipIf(!hasConductors)("a modified client in a space's network", () => {
  const team = startTeam('ada', 'ben')
  let stranger: Device
  let seen: readonly Diagnostic[]
  let published = 0

  beforeAll(async () => {
    const { seed, space: reference } = team.cell()
    // Who knows the seed has a client that breaks the rules, on a conductor that does not check what it writes.
    const { bootstrapUrl } = team.all().devnet
    stranger = await Device.startHostile({ bootstrapUrl, space: { seed, reference }, app: HOSTILE_APP, unchecked: true })
    await stranger.callZome('link_member', stranger.agent)
    seen = diagnosticsOf(team.device('ben'))
    await until(async () => {
      await team.device('ben').syncNetworks()
      expect((await holochainOf(team.device('ben'))).facts['members']).toBe(3)
    })
  }, 5 * MINUTES)
  afterAll(() => stranger?.dispose())

  const told = (kind: Diagnostic['kind']): readonly Diagnostic[] => seen.filter((diagnostic) => diagnostic.kind === kind)

  /** Where every member finds it; returns what the network calls it. */
  async function publish(batch: Batch): Promise<string> {
    const action = await stranger.callZome('create_batch', batch)
    const tag = Uint8Array.of(0, 0, 0, published++)
    await stranger.callZome('link_batch', { agent: stranger.agent, bucket: 0, target: action, tag })
    return action instanceof Uint8Array ? toBase32(action) : expect.fail('an action has a hash')
  }

  const logged = async (): Promise<readonly string[]> => (await team.device('ben').events({ limit: 1000 })).map(({ id }) => id)

  /** What Ada does goes on arriving, and both have the same. */
  async function goesOn(title: string): Promise<void> {
    const path = `${team.space()}/tasks/${title}`
    const id = await team.device('ada').submitEvent({ path, op: 'put', value: { title } })
    await until(async () => {
      expect((await team.device('ben').getState(path)).heads).toEqual([id])
      // Ada may have to wait for Ben's own word of his being a member.
      expect(await bytesOf(team.device('ben'), team.space())).toBe(await bytesOf(team.device('ada'), team.space()))
    })
  }

  test(
    "P7: others' events once more, a stranger's own and garbage never become state; who and what is shown",
    { timeout: 5 * MINUTES },
    async () => {
      await goesOn('before')
      const { space: reference } = team.cell()
      const replayed = (await team.batches('ada')).flatMap(({ batch }) => batch.events.map((bytes) => ({ bytes })))
      await publish(await stranger.batch(replayed))
      const own = await (await EventFactory.create(reference)).events(3, { path: `${team.space()}/tasks/before` })
      const place = await publish(await stranger.batch(own))
      const agents = (await team.batches('ada')).map(({ agent }) => agent)
      for (const kind of [0, 1, 2, 3]) {
        for (const bytes of [0, 1, 200, 100_000]) {
          const garbage = Uint8Array.from({ length: bytes + 1 }, (_, index) => (index === 0 ? kind : index * 31))
          await stranger.callZome('send_any', { agents, payload: garbage })
        }
      }
      const [first = expect.fail()] = own
      const { author } = decodeEvent(new Uint8Array(first.bytes)).header
      const refusal = {
        kind: 'event-refused',
        event: first.id,
        code: 'AUTHOR_NOT_PERMITTED',
        origin: 'holochain',
        author,
        reference: place,
      }
      await until(async () => {
        await team.device('ben').syncNetworks()
        expect(told('event-refused')).toContainEqual(expect.objectContaining(refusal))
      })
      await goesOn('after')
      const log = await logged()
      expect(log.filter((id) => own.some((event) => event.id === id))).toEqual([])
      expect(new Set(log).size).toBe(log.length)
    },
  )

  test(
    'P7: of two events that a copied profile signed for one place, one counts on every device, and the other is shown',
    { timeout: 5 * MINUTES },
    async () => {
      const twin = await team.all().copy('ada', 'twin')
      const [ada, ben, path] = [team.device('ada'), team.device('ben'), `${team.space()}/tasks/forked`]
      const ids = await Promise.all([ada, twin].map((device, index) => device.submitEvent({ path, op: 'put', value: { by: index } })))
      const [kept = expect.fail(), fallen = expect.fail()] = ids.toSorted()
      const { author } = await ada.storage()
      await until(async () => {
        await Promise.all([ada, ben, twin].map((device) => device.syncNetworks()))
        for (const device of [ada, ben, twin]) expect((await device.getState(path)).heads).toEqual([kept])
        expect(told('event-quarantined')).toContainEqual(expect.objectContaining({ event: fallen, code: 'AUTHOR_FORKED', author }))
      })
      await twin.close()
      await goesOn('after-the-fork')
    },
  )

  test(
    'a member who asks, and says how far he is, without end: the others hear one another all the same',
    { timeout: 5 * MINUTES },
    async () => {
      const agents = [...new Map((await team.batches('ada')).map(({ agent }) => [toBase32(agent), agent])).values()]
      let flooding = true
      let sent = 0
      const flood = async (): Promise<void> => {
        while (flooding) {
          const payload = encodeSignal(sent % 2 === 0 ? { kind: 'asks' } : { kind: 'mark', next: sent, above: [] })
          await stranger.callZome('send_any', { agents, payload })
          sent += 1
        }
      }
      const floods = Promise.all(Array.from({ length: 8 }, flood))
      try {
        await until(() => Promise.resolve(expect(sent).toBeGreaterThan(500)))
        await goesOn('in-the-flood')
        const [head = expect.fail()] = (await team.device('ada').getState(`${team.space()}/tasks/in-the-flood`)).heads
        await team.device('ada').reached(head, 'shared')
      } finally {
        flooding = false
        await floods
      }
      // What the stranger says does reach Ben.
      const [own = expect.fail()] = await (await EventFactory.create(team.cell().space)).events(1, { path: `${team.space()}/tasks/flood` })
      await until(async () => {
        await stranger.callZome('send_any', { agents, payload: signalOf([Uint8Array.from(own.bytes)], 0) })
        expect(told('event-refused')).toContainEqual(expect.objectContaining({ event: own.id, code: 'AUTHOR_NOT_PERMITTED' }))
      })
    },
  )

  test(
    "P7: batches that break the network's rules never become state, and the warrants name who and why",
    { timeout: 5 * MINUTES },
    async () => {
      const before = await logged()
      const [foreign = expect.fail()] = (await team.batches('ada')).filter(({ batch }) => batch.events.length > 0)
      const event = Uint8Array.from((await (await EventFactory.create(team.cell().space)).event()).bytes)
      const forged = Uint8Array.from(event).fill(0, -1)
      const broken: readonly Batch[] = [
        { ...(await stranger.batch([{ bytes: event }])), version: 2 },
        await stranger.batch([{ bytes: new Uint8Array(600 * 1024) }]),
        await stranger.batch([{ bytes: Uint8Array.of(0xff, 0) }]),
        // Ada's own, signed for her agent.
        foreign.batch,
        await stranger.batch([{ bytes: forged }]),
      ]
      const places: string[] = []
      for (const batch of broken) places.push(await publish(batch))
      const reasons = [
        /the batch is of version 2/,
        /the batch has 6\d{5} bytes; at most 524288/,
        /an event is not a map/,
        /the batch's signature is not its author's for this space and this agent/,
        /the batch has an event whose signature is not its author's/,
      ]
      const ofBatches = (): readonly Diagnostic[] =>
        told('batch-refused').filter((one) => 'reference' in one && places.includes(one.reference))
      await until(async () => {
        await team.device('ben').syncNetworks()
        expect(ofBatches()).not.toEqual([])
      })
      // A node that has found one blocks the author, and never asks him for what it has not got by then.
      for (const one of ofBatches()) {
        const index = places.findIndex((reference) => 'reference' in one && one.reference === reference)
        expect(one).toEqual({
          ...{ kind: 'batch-refused', network: 'holochain', author: toBase32(stranger.agent), reference: places[index] },
          reason: expect.stringMatching(reasons[index] ?? /^$/),
        })
      }
      // A link may come before the batch that it is of: then its target is asked for and believed, whoever answers. The runtime's own checks are what holds.
      const held = (await team.batches('ben')).map(({ action }) => toBase32(action))
      expect(held.filter((action) => ofBatches().some((one) => 'reference' in one && one.reference === action))).toEqual([])
      await goesOn('at-last')
      expect((await logged()).length).toBe(before.length + 1)
    },
  )
})
