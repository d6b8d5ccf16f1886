import type { SolanaDevnet } from '../../../../devnet/solana/solana-devnet.js'
import { nodePlatform } from '../../../platform/node.js'
import { toBase64 } from '../base64.js'
import { loadBurner } from '../payer.js'
import { sendTransaction, signatureStatuses } from '../rpc-requests.js'
import { parseSettings } from '../settings.js'
import { SolanaRpc } from '../solana-rpc.js'
import { TransactionBuilder } from '../transaction-builder.js'
import { hurriedPlatform } from './hurried-platform.js'
import { deviceInMemory } from './peer-harness.js'

/** Someone with funds who knows reference keys and writes what he likes. */
export async function openStranger(devnet: SolanaDevnet): Promise<(memo: string, reference: Uint8Array) => Promise<void>> {
  const rpc = new SolanaRpc({ endpoints: [devnet.url], platform: nodePlatform })
  const payer = await loadBurner(deviceInMemory().keys)
  await devnet.airdrop(payer.address, 10_000_000_000)
  const builder = new TransactionBuilder({ rpc, platform: hurriedPlatform, payer, settings: parseSettings({ cluster: devnet.url }) })
  return async (memo, reference) => {
    const { bytes, signature } = await builder.build(memo, reference)
    await rpc.call(sendTransaction(toBase64(bytes), true))
    for (let looks = 0; looks < 200; looks++) {
      const { statuses } = await rpc.call(signatureStatuses([signature], false))
      if (statuses[0] !== undefined) return
      await new Promise((resolve) => hurriedPlatform.after(500, () => resolve(undefined)))
    }
    throw new Error('the memo did not land')
  }
}
