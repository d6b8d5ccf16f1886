import { mkdtemp, open, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Page } from '@playwright/test'
import { BoardPage } from '../board/board-page.js'
import type { Device } from '../fixtures/pages.js'
import { expect, test } from '../fixtures/pages.js'

/** Four seconds of red, four of blue; VP8 with an index, from ffmpeg's colour sources. */
const VIDEO = new URL('./red-then-blue.webm', import.meta.url)
/** One red pixel. */
const PNG = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg=='
const SECONDS = 40
const RATE = 48_000

async function openTask(device: Device): Promise<BoardPage> {
  const board = await BoardPage.open(device)
  await board.page.evaluate(async () => {
    await navigator.serviceWorker.ready
  })
  await board.add('With files')
  await board.card('With files').click()
  return board
}

/** Where the service worker serves the attachment. */
async function urlOf(board: BoardPage, name: string): Promise<string> {
  const link = board.sheet().getByRole('link', { name })
  await expect(link).toBeVisible()
  return (await link.evaluate((anchor) => (anchor instanceof HTMLAnchorElement ? anchor.href : ''))).replace('&save', '')
}

test('a video plays and seeks, and a long sound is read from where it is sought', async ({ device }) => {
  const board = await openTask(device)
  const { page } = board
  await board
    .sheet()
    .getByLabel('Files to add')
    .setInputFiles([
      { name: 'red then blue.webm', mimeType: 'video/webm', buffer: await readFile(VIDEO) },
      { name: 'hum.wav', mimeType: 'audio/wav', buffer: wave() },
    ])
  expect(await watch(page, await urlOf(board, 'red then blue.webm'))).toEqual({
    duration: 8,
    size: [64, 48],
    played: true,
    colours: ['red', 'blue', 'red'],
  })
  const ranges: number[] = []
  const sound = await urlOf(board, 'hum.wav')
  page.on('request', (request) => {
    const from = /^bytes=(\d+)-/.exec(request.headers()['range'] ?? '')?.[1]
    if (request.url() === sound && from !== undefined) ranges.push(Number(from))
  })
  expect(await listen(page, sound)).toEqual({ duration: SECONDS, at: SECONDS - 5, played: true })
  // The end was not reached by reading all that lies before it.
  expect(Math.max(...ranges)).toBeGreaterThan(RATE * 2 * (SECONDS / 2))
  expect(device.problems).toEqual([])
})

test('files are dropped and pasted', async ({ device }) => {
  const board = await openTask(device)
  const { page } = board
  await device.context.grantPermissions(['clipboard-read', 'clipboard-write'])
  const dropped = await page.evaluateHandle(() => {
    const transfer = new DataTransfer()
    transfer.items.add(new File(['one'], 'dropped one.txt', { type: 'text/plain' }))
    transfer.items.add(new File(['two'], 'dropped two 🌶️.txt', { type: 'text/plain' }))
    return transfer
  })
  const target = board.sheet().getByRole('region', { name: 'Files' })
  await target.dispatchEvent('dragover', { dataTransfer: dropped })
  await expect(target).toHaveClass(/files-over/)
  await target.dispatchEvent('drop', { dataTransfer: dropped })
  await expect(target).not.toHaveClass(/files-over/)
  await expect(board.sheet().getByRole('link')).toHaveText(['dropped one.txt', 'dropped two 🌶️.txt'])

  await page.evaluate(async (base64) => {
    const bytes = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0))
    await navigator.clipboard.write([new ClipboardItem({ 'image/png': new Blob([bytes], { type: 'image/png' }) })])
  }, PNG)
  await page.keyboard.press('Control+V')
  await expect(board.sheet().getByRole('link')).toHaveCount(3)
  const picture = board.sheet().locator('img.file-picture')
  await expect.poll(() => picture.evaluate((image) => (image instanceof HTMLImageElement ? image.naturalWidth : -1))).toBe(1)
  expect(device.problems).toEqual([])
})

test('a large file shows how far it is, and is called off', async ({ device }) => {
  const board = await openTask(device)
  const folder = await mkdtemp(join(tmpdir(), 'spicetime-large-'))
  try {
    const path = join(folder, 'large.bin')
    const file = await open(path, 'w')
    await file.truncate(100_000_000)
    await file.close()
    await board.sheet().getByLabel('Files to add').setInputFiles(path)
    const progress = board.sheet().getByRole('progressbar', { name: 'Adding large.bin' })
    const done = async (): Promise<number> => Number(await progress.getAttribute('value'))
    await expect.poll(done, { intervals: [20] }).toBeGreaterThan(0)
    const first = await done()
    await expect.poll(done, { intervals: [20] }).toBeGreaterThan(first)
    expect(await done()).toBeLessThan(1)
    await board.sheet().getByRole('button', { name: 'Cancel large.bin' }).click()
    await expect(progress).toBeHidden()
    await expect(board.sheet().getByText('Drop files here')).toBeVisible()
    await expect(board.sheet().getByRole('link')).toHaveCount(0)
    expect(device.problems).toEqual([])
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
})

interface Watched {
  readonly duration: number
  readonly size: readonly [number, number]
  readonly played: boolean
  /** What the picture shows at the start, after a seek forwards, and after one back. */
  readonly colours: readonly string[]
}

function watch(page: Page, url: string): Promise<Watched> {
  return page.evaluate(async (src) => {
    const LOOKS = 100
    const video = document.createElement('video')
    video.muted = true
    const when = (event: string): Promise<unknown> =>
      new Promise((resolve, reject) => {
        video.addEventListener(event, resolve, { once: true })
        video.addEventListener('error', () => reject(new Error(video.error?.message)), { once: true })
      })
    const colour = (): string => {
      const canvas = new OffscreenCanvas(1, 1)
      const context = canvas.getContext('2d')
      context?.drawImage(video, 0, 0, 1, 1)
      const [red = 0, , blue = 0] = context?.getImageData(0, 0, 1, 1).data ?? []
      return red > 150 && blue < 100 ? 'red' : blue > 150 && red < 100 ? 'blue' : `${red}, ${blue}`
    }
    const seek = async (to: number, wanted: string): Promise<string> => {
      const there = when('seeked')
      video.currentTime = to
      await there
      // The picture of that time may be shown a moment after it is said to be there.
      for (let look = 0; look < LOOKS && colour() !== wanted; look++) await new Promise((resolve) => setTimeout(resolve, 50))
      return colour()
    }
    const ready = when('loadeddata')
    video.src = src
    document.body.append(video)
    await ready
    const moving = when('timeupdate')
    await video.play()
    await moving
    while (video.currentTime < 0.3) await when('timeupdate')
    video.pause()
    const colours = [colour(), await seek(6, 'blue'), await seek(1, 'red')]
    const { duration, videoWidth, videoHeight } = video
    video.remove()
    return { duration: Math.round(duration), size: [videoWidth, videoHeight] as const, played: true, colours }
  }, url)
}

function listen(page: Page, url: string): Promise<{ readonly duration: number; readonly at: number; readonly played: boolean }> {
  return page.evaluate(
    async ({ src, back }) => {
      const audio = document.createElement('audio')
      audio.muted = true
      audio.preload = 'metadata'
      const when = (event: string): Promise<unknown> =>
        new Promise((resolve, reject) => {
          audio.addEventListener(event, resolve, { once: true })
          audio.addEventListener('error', () => reject(new Error(audio.error?.message)), { once: true })
        })
      const known = when('loadedmetadata')
      audio.src = src
      await known
      const there = when('seeked')
      audio.currentTime = audio.duration - back
      await there
      const at = Math.round(audio.currentTime)
      await audio.play()
      while (audio.currentTime < at + 0.2) await when('timeupdate')
      audio.pause()
      return { duration: Math.round(audio.duration), at, played: true }
    },
    { src: url, back: 5 },
  )
}

/** A low tone, 16 bits, one channel. */
function wave(): Buffer {
  const bytes = Buffer.alloc(44 + SECONDS * RATE * 2)
  bytes.write('RIFF', 0)
  bytes.writeUInt32LE(bytes.length - 8, 4)
  bytes.write('WAVEfmt ', 8)
  for (const [at, value] of [
    [16, 16],
    [24, RATE],
    [28, RATE * 2],
  ] as const)
    bytes.writeUInt32LE(value, at)
  for (const [at, value] of [
    [20, 1],
    [22, 1],
    [32, 2],
    [34, 16],
  ] as const)
    bytes.writeUInt16LE(value, at)
  bytes.write('data', 36)
  bytes.writeUInt32LE(bytes.length - 44, 40)
  for (let at = 44; at < bytes.length; at += 2) bytes.writeInt16LE(Math.round(3000 * Math.sin(((at - 44) / 2 / RATE) * 440 * Math.PI)), at)
  return bytes
}
