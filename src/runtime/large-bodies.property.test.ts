import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { EventInput } from './model/event.js'
import type { SpaceId } from './model/path.js'
import { MemoryDisk } from './storage/memory/memory-disk.js'
import { ManualPlatform } from './testing/manual-platform.js'
import { exchangeAll, openSpaceOf, Replica } from './testing/replicas.js'
import { SharedContent } from './testing/shared-content.js'
import { SimulatedNetwork } from './testing/simulated-network.js'

const RUNS = 8
const LARGE = 70_000

type Step = 'give' | 'restart' | 'lose' | 'find'

/** What one of the two writes: a document of the team, or of the last writer, small or large. */
const write = fc.record({ by: fc.nat(1), document: fc.constantFrom('tasks/1', 'tasks/2', 'plain/1'), size: fc.constantFrom(3, LARGE) })

function inputOf({ document, size }: { document: string; size: number }, space: SpaceId, at: number): EventInput {
  return { path: `${space}/${document}`, op: 'patch', value: { [`f${at % 3}`]: String.fromCharCode(97 + (at % 26)).repeat(size) } }
}

/** Lets time pass until all hold the same; what runs beside it, such as WebCrypto, takes real time on a busy machine. */
async function alike(platform: ManualPlatform, space: SpaceId, replicas: readonly Replica[]): Promise<boolean> {
  for (let turn = 0; turn < 3_000; turn++) {
    const prints = await Promise.all(replicas.map((replica) => replica.fingerprint(space)))
    if (new Set(prints).size === 1) return true
    await pass(platform, replicas)
  }
  return false
}

async function pass(platform: ManualPlatform, replicas: readonly Replica[]): Promise<void> {
  platform.advance(5_000)
  for (let each = 0; each < 10; each++) await new Promise((resolve) => setImmediate(resolve))
  await Promise.all(replicas.map((replica) => replica.runtime.intake.settled()))
}

test(
  'P2, P4: in whatever order events and their bodies come, and whatever restarts in between, every device ends alike',
  { timeout: 180_000 },
  async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(write, { minLength: 2, maxLength: 7 }),
        fc.array(fc.constantFrom<Step>('give', 'give', 'restart', 'lose', 'find'), { minLength: 6, maxLength: 14 }),
        fc.integer(),
        async (writes, steps, seed) => {
          const platform = new ManualPlatform({ seed })
          const shared = new SharedContent()
          // Of their own, each alone on it: so that what they write is stored, and the test hands it over.
          const alone = (name: string): SimulatedNetwork =>
            new SimulatedNetwork({ platform, network: name === 'ada' ? 'holochain' : 'solana', requirements: ['team'] })
          const writer = (name: string): Promise<Replica> =>
            Replica.open(platform, new MemoryDisk(), [alone(name).join(name), shared.join().provider])
          const content = shared.join()
          const [ada, ben, carl] = await Promise.all([
            writer('ada'),
            writer('ben'),
            Replica.open(platform, new MemoryDisk(), [content.provider]),
          ])
          const space = await openSpaceOf([ada, ben, carl], { plain: 'last-writer' })
          await exchangeAll([ada, ben, carl], space)
          for (const [at, one] of writes.entries()) {
            await (one.by === 0 ? ada : ben).runtime.submitEvent(inputOf(one, space, at))
            if (at % 2 > 0) continue
            await exchangeAll([ada, ben], space)
            expect(await alike(platform, space, [ada, ben])).toBe(true)
          }
          await exchangeAll([ada, ben], space)
          expect(await alike(platform, space, [ada, ben])).toBe(true)
          const events = (await ada.log(space)).toSorted((a, b) => (((a.time % 97) * seed) % 31) - (((b.time % 97) * seed) % 31))
          let next = 0
          for (const step of steps) {
            if (step === 'give') await carl.receive(...events.slice(next, (next += 2)).map(({ bytes }) => bytes))
            else if (step === 'restart') await carl.restart()
            else content.fetches = step === 'find' ? 'well' : 'not'
            for (let turn = 0; turn < 5; turn++) await pass(platform, [ada, ben, carl])
          }
          content.fetches = 'well'
          await carl.receive(...events.map(({ bytes }) => bytes))
          expect(await alike(platform, space, [ada, ben, carl])).toBe(true)
          const logged = (await carl.log(space)).map(({ id }) => id)
          expect(new Set(logged).size).toBe(logged.length)
          await Promise.all([ada, ben, carl].map((replica) => replica.runtime.close()))
        },
      ),
      { numRuns: RUNS },
    )
  },
)
