import type { Switches } from '../switches.js'
import { signatureOf } from './block.js'
import type { Block, Commitment, Landed } from './block.js'
import { History } from './history.js'
import { Faucet, hashOf, isSigned } from './keys.js'
import type { AccountState, Machine, Undo } from './machine.js'
import { Mempool } from './mempool.js'
import type { TransactionFailure } from './transaction-errors.js'
import type { WireTransaction } from './wire-transaction.js'

/** Blocks for which a blockhash is good: MAX_PROCESSING_AGE of the real validator. */
export const BLOCKHASH_WINDOW = 150
/** Empty blocks are forgotten after so many more. */
const EMPTY_BLOCKS_KEPT = 4096
const ENDOWMENT = 500_000_000n * 1_000_000_000n

export interface Genesis {
  readonly hash: string
  readonly faucetSeed: Uint8Array
}

export interface ChainOptions {
  readonly finalityDepth: number
  readonly confirmationDepth: number
  /** Unix seconds. */
  readonly now: () => number
  readonly switches: () => Switches
}

export interface ChainListener {
  /** A block is processed, and what that makes confirmed and finalized. */
  onBlock(block: Block): void
  /** The newest blocks are gone, newest first. */
  onRollBack(gone: readonly Block[], fate: 'vanish' | 'again'): void
}

/** One fork of blocks on the machine, with what a cluster knows of each: commitment, blockhashes' ages, history. Time passes only when `produce` is called. */
export class Chain {
  readonly genesisHash: string
  readonly faucet: Faucet
  readonly history = new History()
  readonly mempool = new Mempool()
  readonly machine: Machine
  readonly #options: ChainOptions
  readonly #byHeight = new Map<number, Block>()
  readonly #bySlot = new Map<number, Block>()
  readonly #heightOfHash = new Map<string, number>()
  readonly #undo = new Map<number, readonly Undo[]>()
  readonly #listeners = new Set<ChainListener>()
  #head: Block
  #newestSlot = 0
  #confirmed = 0
  #finalized = 0

  constructor(machine: Machine, genesis: Genesis, options: ChainOptions) {
    this.machine = machine
    this.genesisHash = genesis.hash
    this.faucet = new Faucet(genesis.faucetSeed)
    this.#options = options
    machine.endow(this.faucet.address, ENDOWMENT)
    const first = { slot: 0, height: 0, parentSlot: 0, previousHash: '1'.repeat(32), time: options.now(), landed: [] }
    this.#head = { ...first, hash: hashOf(genesis.hash) }
    this.#add(this.#head, [])
  }

  get head(): Block {
    return this.#head
  }

  /** The number of the newest slot, also of one that was rolled back. */
  get newestSlot(): number {
    return this.#newestSlot
  }

  listen(listener: ChainListener): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** The newest block of that commitment. */
  at(commitment: Commitment): Block {
    if (commitment === 'processed') return this.#head
    return this.#byHeight.get(commitment === 'confirmed' ? this.#confirmed : this.#finalized) ?? this.#head
  }

  /** The strongest that holds for the block. */
  commitmentOf({ slot }: { readonly slot: number }): Commitment {
    if (slot <= this.at('finalized').slot) return 'finalized'
    return slot <= this.at('confirmed').slot ? 'confirmed' : 'processed'
  }

  blockOfHeight(height: number): Block | undefined {
    return this.#byHeight.get(height)
  }

  /** The blocks with transactions that have the commitment, oldest first. */
  blocksUpTo(commitment: Commitment): readonly Block[] {
    const newest = this.at(commitment).height
    return [...this.#byHeight.values()].filter(({ height, landed }) => height <= newest && landed.length > 0)
  }

  blockAt(slot: number): Block | undefined {
    return this.#bySlot.get(slot)
  }

  account(address: string, commitment: Commitment): AccountState | undefined {
    for (let height = this.at(commitment).height + 1; height <= this.#head.height; height++) {
      const undo = this.#undo.get(height)?.find(([changed]) => changed === address)
      if (undo !== undefined) return undo[1]
    }
    return this.machine.account(address)
  }

  /** The last height at which the blockhash is good, seen from the block. Undefined: it is unknown there, or too old. */
  lastValidHeight(blockhash: string, at: Block): number | undefined {
    const height = this.#heightOfHash.get(blockhash)
    if (height === undefined || height > at.height || at.height - height > BLOCKHASH_WINDOW) return undefined
    return height + BLOCKHASH_WINDOW
  }

  /** Why the transaction can't run on that block, apart from what running it shows. */
  precheck(transaction: WireTransaction, at: Block): TransactionFailure | undefined {
    const landed = this.history.find(signatureOf(transaction))
    if (landed !== undefined && landed.slot <= at.slot) return 'AlreadyProcessed'
    return this.lastValidHeight(transaction.recentBlockhash, at) === undefined ? 'BlockhashNotFound' : undefined
  }

  isSigned(transaction: WireTransaction): boolean {
    return transaction.signatureBytes.every((signature, index) =>
      isSigned(transaction.message, signature, transaction.accountKeys[index] ?? ''),
    )
  }

  /** Makes the next slot's block, of what waits. */
  produce(): Block {
    const { switches, now } = this.#options
    if (switches().loseTransactions) this.mempool.take()
    const block = this.#open(this.#newestSlot + 1, now())
    const landed: Landed[] = []
    const undo: Undo[] = []
    for (const transaction of this.mempool.take()) {
      // The network resends it until its blockhash expires: an account that lacks funds may get some.
      if (this.precheck(transaction, this.#head) === undefined && !this.#run(transaction, { block, landed, undo }))
        this.mempool.add(transaction)
    }
    return this.#close({ ...block, landed }, undo)
  }

  /** Makes the block that a log tells of. False: it no longer comes out the same. */
  replay(slot: number, time: number, transactions: readonly WireTransaction[]): boolean {
    const block = this.#open(slot, time)
    const landed: Landed[] = []
    const undo: Undo[] = []
    const whole = transactions.every((transaction) => this.#run(transaction, { block, landed, undo }))
    this.#close({ ...block, landed }, undo)
    return whole
  }

  /** Takes blocks back, newest first, down to that height and no further than the finalized one. Returns what is gone. */
  rollBack(height: number, fate: 'vanish' | 'again'): readonly Block[] {
    const gone: Block[] = []
    while (this.#head.height > Math.max(height, this.#finalized)) {
      const block = this.#head
      const parent = this.#byHeight.get(block.height - 1)
      if (parent === undefined) break
      this.machine.restore((this.#undo.get(block.height) ?? []).toReversed())
      this.history.remove(block)
      this.#forget(block)
      this.#undo.delete(block.height)
      this.#head = parent
      gone.push(block)
    }
    this.#confirmed = Math.max(this.#finalized, Math.min(this.#confirmed, this.#head.height - this.#options.confirmationDepth))
    if (fate === 'again') for (const { landed } of gone) this.mempool.addFirst(landed.map(({ transaction }) => transaction).toReversed())
    for (const listener of this.#listeners) listener.onRollBack(gone, fate)
    return gone
  }

  /** Goes on from a block that a log names, without those before it. */
  jump(block: Pick<Block, 'slot' | 'height' | 'hash' | 'time'>): void {
    this.#newestSlot = Math.max(this.#newestSlot, block.slot)
    this.#head = { ...block, parentSlot: this.#head.slot, previousHash: this.#head.hash, landed: [] }
    this.#add(this.#head, [])
    this.#confirmed = this.#finalized = block.height
  }

  #open(slot: number, time: number): Omit<Block, 'landed' | 'hash'> {
    this.#newestSlot = slot
    this.machine.setTime(slot, time)
    return { slot, height: this.#head.height + 1, parentSlot: this.#head.slot, previousHash: this.#head.hash, time }
  }

  #run(transaction: WireTransaction, into: { block: Omit<Block, 'landed' | 'hash'>; landed: Landed[]; undo: Undo[] }): boolean {
    const { slot, time } = into.block
    const outcome = this.machine.execute(transaction)
    if (!outcome.landed) return false
    into.landed.push({ transaction, outcome: { ...outcome, undo: [] }, slot, index: into.landed.length, time })
    into.undo.push(...outcome.undo)
    return true
  }

  #close(block: Omit<Block, 'hash'>, undo: readonly Undo[]): Block {
    const hash = hashOf(block.previousHash, String(block.slot), ...block.landed.map(({ transaction }) => signatureOf(transaction)))
    this.#head = { ...block, hash }
    this.#add(this.#head, undo)
    this.#advance()
    for (const listener of this.#listeners) listener.onBlock(this.#head)
    return this.#head
  }

  #add(block: Block, undo: readonly Undo[]): void {
    this.#byHeight.set(block.height, block)
    this.#bySlot.set(block.slot, block)
    this.#heightOfHash.set(block.hash, block.height)
    if (undo.length > 0) this.#undo.set(block.height, undo)
    this.history.add(block)
    const old = this.#byHeight.get(block.height - EMPTY_BLOCKS_KEPT)
    // Where finality stalls for long, the finalized block stays known.
    if (old !== undefined && old.landed.length === 0 && old.height < this.#finalized) this.#forget(old)
  }

  #forget(block: Block): void {
    this.#byHeight.delete(block.height)
    this.#bySlot.delete(block.slot)
    this.#heightOfHash.delete(block.hash)
  }

  #advance(): void {
    const { switches, confirmationDepth, finalityDepth } = this.#options
    const { stallConfirmation, stallFinality } = switches()
    if (!stallConfirmation) this.#confirmed = Math.max(this.#confirmed, this.#head.height - confirmationDepth)
    const finalized = stallFinality ? this.#finalized : Math.min(this.#head.height - finalityDepth, this.#confirmed)
    for (; this.#finalized < finalized; this.#finalized++) this.#undo.delete(this.#finalized + 1)
  }
}
