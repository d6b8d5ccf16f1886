import { afterEach, expect, test, vi } from 'vitest'
import type { Mock } from 'vitest'
import { ownerName, PROTOCOL_VERSIONS } from '../../workers/protocol.js'
import type { OwnerAnswer } from '../../workers/protocol.js'
import type { ConnectionReport } from '../runtime-client.js'
import { hearOwners } from './owner-news.js'

const undos: (() => void)[] = []
afterEach(() => {
  for (const undo of undos.splice(0)) undo()
})

function hear(name: string): { readonly suspect: Mock<() => void>; readonly say: (id: string, generation: string) => void } {
  const connection: ConnectionReport = { state: 'connected', kind: 'worker', generation: 'mine', since: 0 }
  const suspect = vi.fn<() => void>()
  hearOwners(name, { connection, suspect, onClosed: (undo) => undos.push(undo) })
  const channel = new BroadcastChannel(ownerName(name))
  undos.push(() => channel.close())
  const say = (id: string, generation: string): void => {
    const answer: OwnerAnswer = { spicetime: 'owner', id, generation, database: 1, protocols: PROTOCOL_VERSIONS }
    channel.postMessage(answer)
  }
  return { suspect, say }
}

test('only the announcement of another owner makes a page ask its host', async () => {
  const { suspect, say } = hear('news')
  say('', 'mine')
  say('an answer to a probe', 'other')
  say('', 'other')
  await vi.waitFor(() => expect(suspect).toHaveBeenCalled())
  expect(suspect).toHaveBeenCalledTimes(1)
})

test('a page in the back/forward cache keeps no channel, and has one again when it is back', async () => {
  const { suspect, say } = hear('news-cached')
  dispatchEvent(new PageTransitionEvent('pagehide', { persisted: true }))
  say('', 'unheard')
  const witness = hear('news-cached')
  say('', 'heard by the witness')
  await vi.waitFor(() => expect(witness.suspect).toHaveBeenCalled())
  expect(suspect).not.toHaveBeenCalled()
  dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true }))
  say('', 'other')
  await vi.waitFor(() => expect(suspect).toHaveBeenCalledTimes(1))
})
