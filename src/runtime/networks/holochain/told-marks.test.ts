import { expect, test } from 'vitest'
import { ManualPlatform } from '../../testing/manual-platform.js'
import { MemoryRows } from '../../testing/memory-parts.js'
import { parseMemberSignal } from './signals.js'
import { ToldMarks } from './told-marks.js'

const agent = (number: number): Uint8Array => {
  const bytes = new Uint8Array(39).fill(number)
  bytes[0] = number >> 8
  return bytes
}
const [ADA, BEN, CARA] = [agent(1), agent(2), agent(3)]

class CountingRows extends MemoryRows {
  writes = 0

  override write(changes: Parameters<MemoryRows['write']>[0]): Promise<void> {
    this.writes += 1
    return super.write(changes)
  }
}

function desk() {
  const said: { readonly to: readonly Uint8Array[] | undefined; readonly signal: unknown }[] = []
  const sendSignal = (payload: Uint8Array, to?: readonly Uint8Array[]): Promise<void> => {
    said.push({ to, signal: parseMemberSignal(payload) })
    return Promise.reject(new Error('nobody is there'))
  }
  const rows = new CountingRows()
  const platform = new ManualPlatform()
  const further: number[] = []
  const of = (space: string): ToldMarks =>
    new ToldMarks({
      ...{ platform, rows, space },
      onFurther: () => void further.push(platform.monotonic()),
      onFailed: (error) => {
        throw error
      },
    })
  return { rows, said, platform, further, of, told: of('space'), cell: { agent: ADA, calls: { sendSignal } } }
}

test('who says that he has a batch holds it, also after a restart', async () => {
  const { told, platform, of } = desk()
  await told.hear(BEN, { next: 3, above: [7] })
  await told.hear(CARA, { next: 1, above: [] })
  await platform.pass(250)
  for (const each of [told, of('space')]) {
    const holders = await each.holders()
    expect([0, 2, 3, 7].map((number) => holders(number))).toEqual([[BEN, CARA], [BEN], [], [BEN]])
  }
  expect((await of('other').holders())(0)).toEqual([])
})

test('what was said before is no news, nor is less', async () => {
  const { told, platform, rows, further } = desk()
  const hear = async (next: number, above: readonly number[]): Promise<number> => {
    await told.hear(BEN, { next, above })
    await platform.pass(250)
    return further.length
  }
  expect(await hear(3, [7])).toBe(1)
  expect(await hear(3, [7])).toBe(1)
  expect(await hear(2, [3, 4, 5])).toBe(1)
  expect((await told.holders())(7)).toEqual([BEN])
  expect(await hear(3, [7, 9])).toBe(2)
  expect(await hear(4, [])).toBe(3)
  expect(rows.writes).toBe(3)
})

test('a member who goes further without end makes four writes a second, and the last that he said is kept', async () => {
  const { told, platform, rows, further } = desk()
  for (let next = 1; next <= 1000; next++) {
    await told.hear(BEN, { next, above: [] })
    await platform.pass(1)
  }
  await platform.pass(250)
  expect(rows.writes).toBe(5)
  expect(further).toEqual([0, 250, 500, 750, 1000])
  expect((await told.holders())(999)).toEqual([BEN])
})

test('agents without end fill neither memory nor the store, and those who were there first are heard', async () => {
  const { told, platform, rows } = desk()
  await told.hear(BEN, { next: 1, above: [] })
  for (let number = 0; number < 3200; number++) {
    await told.hear(agent(number + 256), { next: 1, above: [] })
    if (number % 64 === 63) await platform.pass(250)
  }
  expect(await rows.list('told/space/')).toHaveLength(1024)
  expect(told.dropped).toBe(3200 - 1023)
  // So many that not all can wait for the next write.
  await told.hear(BEN, { next: 2, above: [] })
  for (let number = 0; number < 100; number++) await told.hear(agent(number + 256), { next: 2, above: [] })
  expect(told.dropped).toBe(3200 - 1023 + 37)
  await platform.pass(250)
  const holders = await told.holders()
  expect(holders(0)).toHaveLength(1024)
  expect(holders(1)).toContainEqual(BEN)
})

test('after it has stopped, nothing is written', async () => {
  const { told, platform, rows } = desk()
  await told.hear(BEN, { next: 1, above: [] })
  await told.hear(BEN, { next: 2, above: [] })
  await told.stop()
  await platform.pass(10_000)
  expect(rows.writes).toBe(1)
  expect(platform.timers).toBe(0)
})

test('with the chain that they speak of, marks are forgotten', async () => {
  const { told, platform } = desk()
  await told.hear(BEN, { next: 3, above: [] })
  await told.hear(CARA, { next: 3, above: [] })
  await told.forget()
  await platform.pass(250)
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

test('a member who asks without end is answered once a second, and the others beside him', () => {
  const { told, said, cell, platform } = desk()
  told.took(
    [BEN, CARA].map((one) => ({ agent: one, next: 2, above: [] })),
    cell,
  )
  said.length = 0
  for (let count = 0; count < 3000; count++) {
    told.answer(BEN, cell)
    if (count % 100 === 0) told.answer(CARA, cell)
    platform.advance(1)
  }
  expect(said.filter(({ to }) => to?.[0] === BEN)).toHaveLength(3)
  expect(said.filter(({ to }) => to?.[0] === CARA)).toHaveLength(3)
})
