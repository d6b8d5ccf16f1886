import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join as joinPath } from 'node:path'
import { placesOf, startIpfsDevnet } from '../../src/devnet/ipfs/ipfs-devnet.js'
import { BoardPage } from '../board/board-page.js'
import { expect, offer, test } from './devnet.js'
import { createBoard, join } from '../board/team-board.js'

const PATIENCE = { timeout: 40_000 }
const NAME = 'plan of the roof.bin'

test('a file that one device attached is opened on another, through the embedded IPFS peer, when the first one is gone', async ({
  device,
  launchDevice,
  devnet,
}) => {
  test.setTimeout(120_000)
  const directory = await mkdtemp(joinPath(tmpdir(), 'spicetime-embedded-'))
  const storage = await startIpfsDevnet({ directory, origins: ['*'], kind: 'embedded' })
  try {
    const other = await launchDevice()
    await Promise.all([offer(device.context, devnet, placesOf(storage)), offer(other.context, devnet, placesOf(storage))])
    const ada = await BoardPage.open(device)
    const link = await createBoard(ada.page, { name: 'Launch', as: 'Ada', ordered: true })
    await ada.add('Mend the roof')
    await ada.card('Mend the roof').click()
    const content = Buffer.alloc(700_000, 'rafters and tiles ')
    await ada
      .sheet()
      .getByLabel('Files to add')
      .setInputFiles([{ name: NAME, mimeType: 'application/octet-stream', buffer: content }])
    const attached = ada.sheet().getByRole('listitem').filter({ hasText: NAME })
    await attached.getByRole('button', { name: 'About' }).click()
    await expect(attached).toContainText('IPFS peer on this machine: pinned', PATIENCE)

    const ben = await join(other, link, 'Ben')
    await ben.page.evaluate(async () => {
      await navigator.serviceWorker.ready
    })
    await expect(ben.card('Mend the roof')).toBeVisible(PATIENCE)
    await ben.page.reload()
    await ben.card('Mend the roof').click(PATIENCE)
    const received = ben.sheet().getByRole('link', { name: NAME })
    await expect(received).toBeVisible(PATIENCE)
    await device.close()
    const [download] = await Promise.all([ben.page.waitForEvent('download'), received.click()])
    expect(Buffer.compare(await readFile(await download.path()), content)).toBe(0)
  } finally {
    await storage.close()
    await rm(directory, { recursive: true, force: true })
  }
})
