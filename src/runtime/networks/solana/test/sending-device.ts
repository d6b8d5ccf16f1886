import type { SpiceTimeError } from '../../../errors/spice-time-error.js'
import type { EventId, SpaceReference } from '../../../model/event.js'
import type { KeyStore } from '../../../storage/key-store.js'
import type { EventLists, NetworkRows, NetworkSpaces } from '../../provider-parts.js'
import { NO_LISTS } from '../../../testing/memory-parts.js'
import { toBase58 } from '../base58.js'
import { historyOf } from '../history-requests.js'
import type { HistoryRow } from '../history-requests.js'
import { memosInField } from '../memo-field.js'
import { decodeMemo } from '../memo-text.js'
import { loadBurner } from '../payer.js'
import { referenceKey } from '../reference-key.js'
import { genesisHash } from '../rpc-requests.js'
import { Sender } from '../sending.js'
import { SentRows } from '../sent-rows.js'
import { parseSettings } from '../settings.js'
import { solanaError } from '../solana-errors.js'
import { SolanaRpc } from '../solana-rpc.js'
import { TransactionBuilder } from '../transaction-builder.js'
import { hurriedPlatform } from './hurried-platform.js'

/** What of a device outlives its process. */
export interface DeviceDisk {
  readonly rows: NetworkRows
  readonly keys: KeyStore
}

export interface DeviceWishes {
  readonly url: string
  readonly disk: DeviceDisk
  readonly space: SpaceReference
  readonly faucet?: boolean
  /** Default: nothing keeps lists. */
  readonly lists?: EventLists
}

const SECRET = new Uint8Array(32).fill(9)

/** One life of a device's sending half, against a real chain. */
export class SendingDevice {
  readonly troubles: SpiceTimeError[] = []
  readonly #sender: Sender
  readonly #rpc: SolanaRpc
  readonly #space: SpaceReference
  readonly address: string

  private constructor(parts: {
    readonly sender: Sender
    readonly rpc: SolanaRpc
    readonly address: string
    readonly space: SpaceReference
  }) {
    this.#sender = parts.sender
    this.#rpc = parts.rpc
    this.#space = parts.space
    this.address = parts.address
  }

  static async start({ url, disk, space, faucet = true, lists = NO_LISTS }: DeviceWishes): Promise<SendingDevice> {
    const settings = parseSettings({ cluster: url, faucet })
    const { endpoints } = settings
    const platform = hurriedPlatform
    let genesis: string | undefined
    const accept = (hash: string): void => {
      genesis ??= hash
      if (genesis !== hash) throw solanaError('NETWORK_EXCHANGED', 'The chain was exchanged.')
    }
    const rpc = new SolanaRpc({ endpoints, platform, accept })
    await rpc.call(genesisHash())
    const payer = await loadBurner(disk.keys)
    const builder = new TransactionBuilder({ rpc, platform, payer, settings })
    const spaces: NetworkSpaces = {
      list: () => [{ reference: space, needs: ['consensus'], secret: SECRET }],
      onChange: () => () => undefined,
    }
    const told: { device?: SendingDevice } = {}
    const sender = new Sender({
      ...{ rpc, platform, spaces, builder, lists },
      rows: new SentRows(disk.rows),
      genesis: () => genesis ?? '',
      onMoved: () => undefined,
      onTrouble: (failure) => told.device?.troubles.push(failure),
    })
    const device = new SendingDevice({ sender, rpc, address: payer.address, space })
    told.device = device
    return device
  }

  get sender(): Sender {
    return this.#sender
  }

  async stop(): Promise<void> {
    this.#rpc.close()
    await this.#sender.stop()
  }

  /** Transactions of the space that did what they should, the oldest first. */
  async transactions(): Promise<readonly HistoryRow[]> {
    const rows = await this.#rpc.call(historyOf(toBase58(await referenceKey(SECRET)), { minSlot: 0 }))
    return rows.filter(({ failed }) => !failed).toReversed()
  }

  /** Every event on the chain, as often as it is there, in the chain's order. */
  async onChain(): Promise<readonly EventId[]> {
    const ids: EventId[] = []
    for (const { memo } of await this.transactions()) {
      for (const text of memosInField(memo ?? '') ?? []) ids.push(...(await decodeMemo(text, this.#space)).map(({ id }) => id))
    }
    return ids
  }
}
