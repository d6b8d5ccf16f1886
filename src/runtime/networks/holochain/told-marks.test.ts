import { expect, test } from 'vitest'
import { MemoryRows } from '../../testing/memory-parts.js'
import { parseMemberSignal } from './signals.js'
import { ToldMarks } from './told-marks.js'

const agent = (byte: number): Uint8Array => new Uint8Array(39).fill(byte)
const [ADA, BEN, CARA] = [agent(1), agent(2), agent(3)]

function desk() {
  const said: { readonly to: readonly Uint8Array[] | undefined; readonly signal: unknown }[] = []
  const sendSignal = (payload: Uint8Array, to?: readonly Uint8Array[]): Promise<void> => {
    said.push({ to, signal: parseMemberSignal(payload) })
    return Promise.reject(new Error('nobody is there'))
  }
  const rows = new MemoryRows()
  return { rows, said, told: new ToldMarks(rows, 'space'), cell: { agent: ADA, calls: { sendSignal } } }
}

test('who says that he has a batch holds it, also after a restart', async () => {
  const { rows, told } = desk()
  expect(await told.hear(BEN, { next: 3, above: [7] })).toBe(true)
  expect(await told.hear(CARA, { next: 1, above: [] })).toBe(true)
  for (const each of [told, new ToldMarks(rows, 'space')]) {
    const holders = await each.holders()
    expect([0, 2, 3, 7].map((number) => holders(number))).toEqual([[BEN, CARA], [BEN], [], [BEN]])
  }
  expect((await new ToldMarks(rows, 'other').holders())(0)).toEqual([])
})

test('what was said before is no news, nor is less', async () => {
  const { told } = desk()
  await told.hear(BEN, { next: 3, above: [7] })
  expect(await told.hear(BEN, { next: 3, above: [7] })).toBe(false)
  expect(await told.hear(BEN, { next: 2, above: [3, 4, 5] })).toBe(false)
  expect((await told.holders())(7)).toEqual([BEN])
  expect(await told.hear(BEN, { next: 3, above: [7, 9] })).toBe(true)
  expect(await told.hear(BEN, { next: 4, above: [] })).toBe(true)
})

test('with the chain that they speak of, marks are forgotten', async () => {
  const { told } = desk()
  await told.hear(BEN, { next: 3, above: [] })
  await told.forget()
  expect((await told.holders())(0)).toEqual([])
})

test('authors hear what was taken of theirs, once; nobody need be there', () => {
  const { told, said, cell } = desk()
  const marks = [
    { agent: ADA, next: 5, above: [] },
    { agent: BEN, next: 2, above: [4] },
  ]
  told.took(marks, cell)
  told.took(marks, cell)
  expect(said).toEqual([{ to: [BEN], signal: { kind: 'mark', next: 2, above: [4] } }])
  told.answer(BEN, cell)
  told.answer(CARA, cell)
  expect(said).toHaveLength(2)
})
