import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join as joinPath } from 'node:path'
import { expect } from '@playwright/test'
import { startIpfsDevnet } from '../../src/devnet/ipfs/ipfs-devnet.js'
import type { IpfsDevnet } from '../../src/devnet/ipfs/ipfs-devnet.js'
import type { Device } from '../fixtures/pages.js'
import { BoardPage } from './board-page.js'
import { createBoard, join } from './team-board.js'
import type { TeamBoard } from './team-board.js'

const NAME = 'plan of the roof.bin'
const CARD = 'Mend the roof'

export interface SharedFile {
  readonly board: TeamBoard
  /** What the one who joins is called on the board; default: nothing is filled in. */
  readonly as?: string
  /** By what the sheet tells that the file is kept elsewhere. */
  readonly kept: string
  /** Milliseconds for whatever goes over the networks. */
  readonly patience: number
  /** The file is kept elsewhere, and seen on the first device. */
  readonly onKept?: (first: BoardPage) => Promise<unknown>
  /** It is seen on the other device, which has not got it yet. */
  readonly onSeen?: () => Promise<unknown>
}

/** An IPFS peer on this machine while the work lasts. */
export async function withStorage(kind: IpfsDevnet['kind'], work: (storage: IpfsDevnet) => Promise<void>): Promise<void> {
  const directory = await mkdtemp(joinPath(tmpdir(), 'spicetime-storage-'))
  const storage = await startIpfsDevnet({ directory, origins: ['*'], kind })
  try {
    await work(storage)
  } finally {
    await storage.close()
    await rm(directory, { recursive: true, force: true })
  }
}

/** One device attaches a file to a card of a new board, another joins the board and opens the file. */
export async function shareFile(first: Device, other: Device, { board, as, kept, patience, onKept, onSeen }: SharedFile): Promise<void> {
  const bound = { timeout: patience }
  const ada = await BoardPage.open(first)
  const link = await createBoard(ada.page, board)
  await ada.add(CARD)
  await ada.card(CARD).click()
  const content = Buffer.alloc(700_000, 'rafters and tiles ')
  await ada
    .sheet()
    .getByLabel('Files to add')
    .setInputFiles([{ name: NAME, mimeType: 'application/octet-stream', buffer: content }])
  await expect(ada.sheet().getByRole('link', { name: NAME })).toBeVisible()
  const attached = ada.sheet().getByRole('listitem').filter({ hasText: NAME })
  await attached.getByRole('button', { name: 'About' }).click()
  await expect(attached).toContainText(kept, bound)
  await onKept?.(ada)

  const ben = await join(other, link, as)
  await ben.page.evaluate(async () => {
    await navigator.serviceWorker.ready
  })
  await expect(ben.card(CARD)).toBeVisible(bound)
  await ben.page.reload()
  await ben.card(CARD).click(bound)
  const received = ben.sheet().getByRole('link', { name: NAME })
  await expect(received).toBeVisible(bound)
  await onSeen?.()
  const [download] = await Promise.all([ben.page.waitForEvent('download'), received.click()])
  expect(Buffer.compare(await readFile(await download.path()), content)).toBe(0)
}
