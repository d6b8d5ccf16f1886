import { placesOf } from '../../src/devnet/ipfs/ipfs-devnet.js'
import { shareFile, withStorage } from '../board/shared-file.js'
import { offer, test } from './devnet.js'

test('a file that one device attached is opened on another, through the embedded IPFS peer, when the first one is gone', async ({
  device,
  launchDevice,
  devnet,
}) => {
  test.setTimeout(120_000)
  await withStorage('embedded', async (storage) => {
    const other = await launchDevice()
    await Promise.all([device, other].map(({ context }) => offer(context, devnet, placesOf(storage))))
    await shareFile(device, other, {
      board: { name: 'Launch', as: 'Ada', ordered: true },
      as: 'Ben',
      kept: 'IPFS peer on this machine: pinned',
      patience: 40_000,
      onSeen: () => device.close(),
    })
  })
})
