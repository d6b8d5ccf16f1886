import type { NetworkFacts } from '../provider.js'
import { IGNORED, isIgnored } from './ignored.js'
import type { IgnoredCounts } from './ignored.js'
import type { OwnTransactions } from './own-transactions.js'
import { balanceOf, finalizedHeight } from './rpc-requests.js'
import type { SolanaRpc } from './solana-rpc.js'
import type { ParsedSettings } from './settings.js'

interface Known {
  readonly rpc: SolanaRpc
  readonly settings: ParsedSettings
  readonly genesis: string
  readonly own: OwnTransactions
  readonly unsettled: number
  readonly ignored: IgnoredCounts
  readonly missingLists: number
  /** Why a list could not be had. */
  readonly trouble: string | undefined
  readonly signal?: AbortSignal
}

/** What a person who looks into the network wants to know. @throws SpiceTimeError as the endpoints fail */
export async function factsOf({
  rpc,
  settings,
  genesis,
  own,
  unsettled,
  ignored,
  signal,
  missingLists,
  trouble,
}: Known): Promise<NetworkFacts> {
  const options = signal === undefined ? {} : { signal }
  const { payer, counts } = own
  const [{ slot }, balance] = await Promise.all([
    rpc.call(finalizedHeight(), options),
    payer === undefined ? undefined : rpc.call(balanceOf(payer), options),
  ])
  const passedOver = Object.entries(ignored).map(([name, count]) => [isIgnored(name) ? `ignored ${IGNORED[name]}` : name, count] as const)
  return {
    cluster: settings.cluster,
    endpoint: rpc.endpoint,
    genesis,
    'finalized slot': slot,
    'events not final yet': unsettled,
    ...(missingLists === 0
      ? {}
      : { 'lists that can not be had yet': missingLists, 'the last of them because': trouble ?? 'it was not tried yet' }),
    'transactions under way': counts.underWay,
    ...(payer === undefined ? {} : { payer, 'balance in lamports': balance ?? 0 }),
    ...Object.fromEntries(passedOver),
  }
}
