import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join as joinPath } from 'node:path'
import { hasPrograms } from '../../src/devnet/binaries.js'
import { startIpfsDevnet } from '../../src/devnet/ipfs/ipfs-devnet.js'
import { BoardPage } from '../board/board-page.js'
import { expect, offer, test } from './devnet.js'
import { createBoard, join } from '../board/team-board.js'

const PATIENCE = { timeout: 150_000 }
const NAME = 'plan of the roof.bin'

test('a file that one device attached is opened on another, through a real Kubo', async ({ device, launchDevice, devnet }) => {
  test.skip(!hasPrograms(['holochain', 'kitsune2-bootstrap-srv', 'ipfs']), 'no conductor or no Kubo on this machine')
  test.setTimeout(420_000)
  const directory = await mkdtemp(joinPath(tmpdir(), 'spicetime-kubo-'))
  const kubo = await startIpfsDevnet({ directory, origins: ['*'], kind: 'kubo' })
  try {
    const other = await launchDevice()
    await Promise.all([offer(device.context, devnet, kubo), offer(other.context, devnet, kubo)])
    const ada = await BoardPage.open(device)
    const link = await createBoard(ada.page, { name: 'House' })
    await ada.add('Mend the roof')
    await ada.card('Mend the roof').click()
    const content = Buffer.alloc(700_000, 'rafters and tiles ')
    await ada
      .sheet()
      .getByLabel('Files to add')
      .setInputFiles([{ name: NAME, mimeType: 'application/octet-stream', buffer: content }])
    await expect(ada.sheet().getByRole('link', { name: NAME })).toBeVisible()
    const attached = ada.sheet().getByRole('listitem').filter({ hasText: NAME })
    await attached.getByRole('button', { name: 'About' }).click()
    await expect(attached).toContainText('Kubo on this machine', PATIENCE)
    await ada.page.screenshot({ path: 'test-results/team-file.png' })

    const ben = await join(other, link)
    await ben.page.evaluate(async () => {
      await navigator.serviceWorker.ready
    })
    await expect(ben.card('Mend the roof')).toBeVisible(PATIENCE)
    await ben.page.reload()
    await ben.card('Mend the roof').click(PATIENCE)
    const received = ben.sheet().getByRole('link', { name: NAME })
    await expect(received).toBeVisible(PATIENCE)
    const [download] = await Promise.all([ben.page.waitForEvent('download'), received.click()])
    expect(Buffer.compare(await readFile(await download.path()), content)).toBe(0)
  } finally {
    await kubo.close()
    await rm(directory, { recursive: true, force: true })
  }
})
