import type { Page } from '@playwright/test'
import { launchKillable } from '../fixtures/kill.js'
import { limitQuota, openBarePage } from '../promises/stored-data.js'
import { addFile, expect, storedBlocks, test, wrongFile } from './stored-files.js'

const SEED = Number(process.env['PROMISE_SEED'] ?? Date.now() % 100_000)
const SMALL = { size: 600_000, number: 1 }
const CHUNK = 262_144 - 16
const SPARSE = 300_000_000

/** Begins to add that many MB of zeros, and resolves once a part of them is done. */
async function beginLarge(page: Page, megabytes: number, part: number): Promise<void> {
  await page.evaluate(
    ({ count, share }) =>
      new Promise<void>((resolve, reject) => {
        const piece = new Uint8Array(1_000_000)
        const file = new Blob(Array.from({ length: count }, () => piece))
        void globalThis.app.runtime
          .then((runtime) =>
            runtime.putFile('me/files/large', file, { onProgress: (done) => void (done > share * file.size && resolve()) }),
          )
          .catch(reject)
      }),
    { count: megabytes, share: part },
  )
}

test('files of any size and name come back byte for byte, 300 MB of nothing too', async ({ device, openApp }) => {
  test.setTimeout(180_000)
  const page = await openApp(await device.context.newPage())
  const names = ['', 'a/b\\c\n.txt', '写真 🌶️.jpg', '\u202Egnp.exe', 'e\u0301 and \u00e9', '\u0000', '👩‍👩‍👧‍👦']
  for (const [index, size] of [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 2 * CHUNK, 3 * CHUNK + 7].entries()) {
    const name = names[index] ?? ''
    await addFile(page, `me/files/${index}`, { size, number: index, name })
    expect(await wrongFile(page, `me/files/${index}`, { size, number: index })).toBeUndefined()
    const kept = await page.evaluate(async (path) => (await (await globalThis.app.runtime).fileInfo(path)).reference, `me/files/${index}`)
    expect(kept).toMatchObject({ name, size, sealed: { epoch: 0 } })
  }
  const told = await page.evaluate(async (megabytes) => {
    const runtime = await globalThis.app.runtime
    const piece = new Uint8Array(1_000_000)
    const file = new Blob(Array.from({ length: megabytes }, () => piece))
    await runtime.putFile('me/files/sparse', file)
    const read = async (offset: number): Promise<{ readonly bytes: number; readonly others: number }> => {
      const { stream } = await runtime.getFile('me/files/sparse', { offset })
      const reader = stream.getReader()
      let bytes = 0
      let others = 0
      for (let next = await reader.read(); !next.done; next = await reader.read()) {
        bytes += next.value.length
        for (const byte of next.value) others |= byte
      }
      return { bytes, others }
    }
    return { whole: await read(0), end: await read(file.size - 65_536) }
  }, SPARSE / 1_000_000)
  expect(told).toEqual({ whole: { bytes: SPARSE, others: 0 }, end: { bytes: 65_536, others: 0 } })
  // Sealed, no two chunks of nothing are the same.
  expect((await storedBlocks(page)).bytes).toBeGreaterThan(SPARSE)
})

test('the same file that two tabs add is stored once; a tab that is closed in the middle leaves nothing of its file', async ({
  device,
  openApp,
}) => {
  const one = await openApp(await device.context.newPage())
  const two = await openApp(await device.context.newPage())
  const file = { size: 3_000_000, number: 5 }
  const cids = await Promise.all([addFile(one, 'me/files/a', file), addFile(two, 'me/files/b', file)])
  expect(cids[0]).toBe(cids[1])
  const stored = await storedBlocks(one)
  expect(stored.bytes).toBeLessThan(file.size * 1.01)
  await beginLarge(two, 100, 0.7)
  expect((await storedBlocks(one)).blocks).toBeGreaterThan(stored.blocks)
  await two.close()
  await expect.poll(() => storedBlocks(one), { timeout: 20_000 }).toEqual(stored)
  const large = await one.evaluate(async () => (await (await globalThis.app.runtime).getState('me/files/large')).value)
  expect(large).toBeUndefined()
  expect([await wrongFile(one, 'me/files/a', file), await wrongFile(one, 'me/files/b', file)]).toEqual([undefined, undefined])
})

test('a reader that is cut off at random points reads on from there', async ({ device, openApp }) => {
  console.log(`seed ${SEED} (PROMISE_SEED)`)
  const page = await openApp(await device.context.newPage())
  const file = { size: 2_000_000, number: 7 }
  await addFile(page, 'me/files/cut', file)
  const result = await page.evaluate(
    async ({ size, number, seed }) => {
      const runtime = await globalThis.app.runtime
      const byteAt = (index: number): number => (index * 31 + (index >> 8) * 17 + number) & 255
      let random = seed
      let at = 0
      let cuts = 0
      let wrong = 0
      while (at < size) {
        const calling = new AbortController()
        const { stream } = await runtime.getFile('me/files/cut', { offset: at, signal: calling.signal })
        const reader = stream.getReader()
        random = (Math.imul(random, 1_664_525) + 1_013_904_223) >>> 0
        const until = at + (random % 400_000)
        while (at < until) {
          const next = await reader.read()
          if (next.done) break
          wrong += next.value.filter((byte, index) => byte !== byteAt(at + index)).length
          at += next.value.length
        }
        cuts += 1
        if (cuts % 2 === 0) calling.abort()
        else await reader.cancel()
      }
      return { at, wrong, often: cuts > 3 }
    },
    { ...file, seed: SEED },
  )
  expect(result).toEqual({ at: file.size, wrong: 0, often: true })
})

test('a browser that is killed in the middle of an add has the earlier files, and nothing of that one; added again, it is whole', async ({
  profile,
  openApp,
}) => {
  test.setTimeout(120_000)
  console.log(`seed ${SEED} (PROMISE_SEED)`)
  const first = await launchKillable(profile)
  try {
    const page = await openApp(await first.context.newPage())
    await addFile(page, 'me/files/small', SMALL)
    await beginLarge(page, 40, 0.5 + (SEED % 40) / 100)
  } finally {
    await first.kill()
  }
  const second = await launchKillable(profile)
  try {
    const page = await openApp(await second.context.newPage())
    expect(await wrongFile(page, 'me/files/small', SMALL)).toBeUndefined()
    await expect.poll(async () => (await storedBlocks(page)).bytes, { timeout: 20_000 }).toBeLessThan(SMALL.size * 1.01)
    await addFile(page, 'me/files/large', { size: 2_000_000, number: 3 })
    expect(await wrongFile(page, 'me/files/large', { size: 2_000_000, number: 3 })).toBeUndefined()
  } finally {
    await second.kill()
  }
})

test('a disk that is full half-way says so, keeps what was there and has nothing left of the file; with room it takes it', async ({
  device,
  appUrl,
  openApp,
}) => {
  // Chromium heeds the limit only where nothing of the origin is open yet.
  const limit = await limitQuota(await openBarePage(device.context, appUrl), 8_000_000)
  const page = await openApp(await device.context.newPage())
  await addFile(page, 'me/files/small', SMALL)
  const before = await storedBlocks(page)
  const refused = await page.evaluate(() =>
    globalThis.app.refused((runtime) => runtime.putFile('me/files/large', new Blob([new Uint8Array(25_000_000)]))),
  )
  expect(refused).toMatchObject({ code: 'STORAGE_FULL', message: expect.stringContaining('free space') })
  expect(await storedBlocks(page)).toEqual(before)
  expect(await wrongFile(page, 'me/files/small', SMALL)).toBeUndefined()
  await limit.set(200_000_000)
  await addFile(page, 'me/files/large', { size: 10_000_000, number: 3 })
  expect(await wrongFile(page, 'me/files/large', { size: 10_000_000, number: 3 })).toBeUndefined()
})
