import { afterEach, expect, test, vi } from 'vitest'
import { SharedContent } from './testing/shared-content.js'
import type { ContentDevice } from './testing/shared-content.js'
import { SnapshotWorld } from './testing/snapshot-world.js'

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 })

const EVERY = 12
const text = (letter: string): string => letter.repeat(90_000)

let world: SnapshotWorld
const contents = new Map<string, ContentDevice>()

afterEach(async () => {
  await world.close()
})

/** A space with a snapshot that covers one large body and carries the events of two others. */
async function withSnapshot(): Promise<SnapshotWorld> {
  const shared = new SharedContent()
  const made = await SnapshotWorld.create(EVERY, { notes: 'last-writer' }, (name) => {
    const content = shared.join()
    contents.set(name, content)
    return [content.provider]
  })
  world = made
  const { runtime } = made.ada
  await runtime.submitEvent({ path: 'shared/tasks/1', op: 'put', value: { text: text('a') } })
  await runtime.submitEvent({ path: 'shared/notes/1', op: 'put', value: { text: text('b') } })
  for (let index = 0; index < EVERY; index++) await runtime.submitEvent({ path: 'shared/tasks/1', op: 'patch', value: { index } })
  await runtime.submitEvent({ path: 'shared/notes/1', op: 'put', value: { text: text('c') } })
  await made.until(() => made.published() === 1)
  return made
}

test('who joins by a snapshot has what it covers at once, and the events that it carries as their bodies come', async () => {
  const { ada, space } = await withSnapshot()
  const joined = await world.join('ben')
  const content = contents.get('ben')
  if (content === undefined) throw new Error('ben has no content')
  content.fetches = 'not'
  await world.until(() => joined.seen.some(({ diagnostic }) => diagnostic.kind === 'snapshot-taken'))
  await world.until(async () => (await joined.fingerprint('shared/tasks')) === (await ada.fingerprint('shared/tasks')))
  expect(await joined.value('shared/notes/1')).toBeUndefined()
  const waiting = await joined.runtime.intake.waitingIn(space.reference)
  expect(waiting.map(({ reason }) => reason.replace(/\(.*\)/, ''))).toEqual(
    expect.arrayContaining([
      expect.stringMatching(/^The body of its change of 'shared\/notes\/1'/),
      expect.stringContaining('builds on are missing'),
    ]),
  )
  await joined.restart()
  expect(await joined.value('shared/notes/1')).toBeUndefined()
  content.fetches = 'well'
  await world.until(async () => (await joined.fingerprint('shared/notes')) === (await ada.fingerprint('shared/notes')))
  expect(await joined.value('shared/notes/1')).toEqual({ text: text('c') })
  expect(joined.seen.filter(({ diagnostic }) => diagnostic.kind === 'snapshot-refused')).toEqual([])
})
