import { expect, test } from 'vitest'
import type { SpaceReference } from '../../model/event.js'
import { MemberSignals } from './member-signals.js'
import { encodeSignal } from './signals.js'
import type { MemberSignal } from './signals.js'

const [HERE, ELSEWHERE, BEN] = [new Uint8Array(39).fill(1), new Uint8Array(39).fill(2), new Uint8Array(39).fill(9)]
const SPACE = 'space' as SpaceReference

function signals() {
  const seen: unknown[] = []
  const told = {
    dropped: 5,
    answer: (agent: Uint8Array) => void seen.push(['answer', agent]),
    hear: (agent: Uint8Array, mark: unknown) => {
      seen.push(['mark', agent, mark])
      return Promise.resolve()
    },
  }
  const cell = { agent: BEN, dna: HERE, calls: { sendSignal: () => Promise.reject(new Error('nobody is there')) } }
  const spaces = new Map([
    ['shut' as SpaceReference, { told, cell: Promise.reject(new Error('no conductor')) }],
    ['closed' as SpaceReference, { told, cell: undefined }],
    [SPACE, { told, cell: Promise.resolve(cell) }],
  ])
  const members = new MemberSignals({
    spaces,
    looks: { announced: (what) => void seen.push(what ?? 'announced') },
    onMessage: (space, message) => void seen.push([space, message]),
    onNews: () => void seen.push('news'),
    onFailed: (error) => {
      throw error
    },
  })
  const hear = async (signal: MemberSignal | Uint8Array, dna = HERE): Promise<unknown[]> => {
    seen.length = 0
    members.add(dna, { from: BEN, payload: signal instanceof Uint8Array ? signal : encodeSignal(signal) })
    await members.settled()
    return [...seen]
  }
  return { members, hear }
}

test('each kind of signal goes where it belongs', async () => {
  const { hear, members } = signals()
  expect(await hear({ kind: 'news' })).toEqual(['news', 'announced'])
  expect(await hear({ kind: 'news', number: 7 })).toEqual(['news', { space: SPACE, agent: BEN, number: 7 }])
  expect(await hear({ kind: 'message', message: Uint8Array.of(7) })).toEqual([[SPACE, Uint8Array.of(7)]])
  expect(await hear({ kind: 'asks' })).toEqual([['answer', BEN]])
  expect(await hear({ kind: 'mark', next: 3, above: [4] })).toEqual([['mark', BEN, { kind: 'mark', next: 3, above: [4] }]])
  expect(await hear({ kind: 'events', events: [Uint8Array.of(1)] })).toEqual(['news', 'announced'])
  expect(members.takeEvents(SPACE)).toEqual([Uint8Array.of(1)])
  expect(members.takeEvents(SPACE)).toEqual([])
})

test('what is none, or of no space that is open here, is nothing', async () => {
  const { hear, members } = signals()
  expect(await hear(Uint8Array.of(200, 1))).toEqual([])
  expect(await hear({ kind: 'news' }, ELSEWHERE)).toEqual([])
  expect(await hear({ kind: 'events', events: [Uint8Array.of(1)] }, ELSEWHERE)).toEqual([])
  expect(members.takeEvents(SPACE)).toEqual([])
})

test('all that was too much is counted together: what waits to be heard, events that no pull took, marks', () => {
  const { members } = signals()
  const payload = encodeSignal({ kind: 'asks' })
  for (let count = 0; count < 100; count++) members.add(HERE, { from: BEN, payload })
  expect(members.dropped).toBe(5 * 3 + 36)
})
