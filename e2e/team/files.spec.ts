import { hasPrograms } from '../../src/devnet/binaries.js'
import { shareFile, withStorage } from '../board/shared-file.js'
import { offer, test } from './devnet.js'

test('a file that one device attached is opened on another, through a real Kubo', async ({ device, launchDevice, devnet }) => {
  test.skip(!hasPrograms(['holochain', 'kitsune2-bootstrap-srv', 'ipfs']), 'no conductor or no Kubo on this machine')
  test.setTimeout(420_000)
  await withStorage('kubo', async (storage) => {
    const other = await launchDevice()
    await Promise.all([device, other].map(({ context }) => offer(context, devnet, storage)))
    await shareFile(device, other, {
      board: { name: 'House' },
      kept: 'Kubo on this machine',
      patience: 150_000,
      onKept: (ada) => ada.page.screenshot({ path: 'test-results/team-file.png' }),
    })
  })
})
