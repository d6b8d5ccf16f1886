import { SortedMap } from '../sorted-map.js'
import type { StoredKey } from '../key-store.js'
import type { DamagedRecord } from '../store.js'

/** What a memory store keeps when it is closed. Tests hold on to one to reopen it, and to make its commits fail or wait. */
export class MemoryDisk {
  readonly records: SortedMap<Uint8Array> = new SortedMap<Uint8Array>()
  readonly keys: Map<string, StoredKey> = new Map()
  readonly blocks: Map<string, Uint8Array<ArrayBuffer>> = new Map()
  readonly damaged: DamagedRecord[] = []
  /** Commits that succeeded. */
  commits = 0
  #failure: Error | undefined
  #gate: Promise<void> | undefined

  /** The next commit rejects with this error and changes nothing. */
  failNext(error: Error): void {
    this.#failure = error
  }

  /** The record can't be read any more: put aside and named, as other stores do with what does not match its checksum. */
  spoil(key: string): void {
    this.records.delete(key)
    this.damaged.push({ key, reason: 'spoiled by a test' })
  }

  /** Commits wait until the returned function is called: what a kill would lose stays visible to reads meanwhile. */
  hold(): () => void {
    let release: () => void = () => undefined
    this.#gate = new Promise((resolve) => {
      release = resolve
    })
    return () => {
      this.#gate = undefined
      release()
    }
  }

  /** Called by the store before each commit. */
  async admit(): Promise<void> {
    await this.#gate
    const failure = this.#failure
    this.#failure = undefined
    if (failure !== undefined) throw failure
    this.commits++
  }
}
