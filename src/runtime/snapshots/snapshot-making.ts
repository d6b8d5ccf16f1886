import type { Cursor } from '../model/cursor.js'
import type { EventId, HybridTime } from '../model/event.js'
import type { Requirement } from '../model/network.js'
import { documentOf } from '../model/path.js'
import type { DocumentPath } from '../model/path.js'
import { SpiceTimeError } from '../errors/spice-time-error.js'
import { rootOf, sortIds } from '../events/snapshot-source.js'
import type { SupersedingHead } from '../events/snapshot-source.js'
import type { OutgoingSnapshot } from '../networks/provider.js'
import type { MergedDocument, SnapshotState } from '../state/state-manager.js'
import { sealSnapshot } from './sealed-snapshot.js'
import { MAX_HEADS_SUPERSEDED } from './snapshot-format.js'
import type { SnapshotBody } from './snapshot-format.js'
import type { SnapshotPlace } from './snapshot-place.js'

/** Bytes of waiting events that a snapshot carries. */
const MOST_WAITING_BYTES = 1024 * 1024
/** Times that forks may get in the way before it is left to the next pull. */
const ATTEMPTS = 3

/** What of one document's events a snapshot holds. */
interface Gathered {
  readonly ids: Uint8Array[]
  readonly positions: number[]
  merged: MergedDocument | undefined
  readonly superseding: Map<EventId, SupersedingHead>
}

interface Cut {
  readonly body: SnapshotBody
  readonly events: number
  readonly cursor: Cursor
}

/**
 * Makes a snapshot of a space as this device has it. Reading and merging a long past takes seconds, in which events come and go: only what changed
 * meanwhile is read again while the intake stands still, so that all of it belongs together.
 * @returns undefined when there is nothing to make one of now
 * @throws SpiceTimeError EVENT_TOO_LARGE when it is more than the network takes
 */
export async function makeSnapshot(place: SnapshotPlace): Promise<OutgoingSnapshot | undefined> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const past = new GatheredPast(place, await place.state.snapshots())
    const cut = await past.cut()
    if (cut === undefined) continue
    const { space, snapshots, platform } = place
    const { body, events, cursor } = cut
    const said = {
      ...{ space: space.reference, at: platform.now(), time: past.time, events, needs: [...past.needs] },
      mark: await snapshots.markOf(space.reference, cursor),
      root: await rootOf(body.ids),
    }
    const pieces = await sealSnapshot(body, said, { ...place, limits: snapshots })
    if (pieces === undefined) throw tooLarge(place)
    return { ...pieces, events }
  }
  return undefined
}

class GatheredPast {
  time: HybridTime = 0
  readonly needs = new Set<Requirement>()
  readonly #place: SnapshotPlace
  readonly #state: SnapshotState
  readonly #documents = new Map<DocumentPath, Gathered>()

  constructor(place: SnapshotPlace, state: SnapshotState) {
    this.#place = place
    this.#state = state
  }

  /** Undefined when a fork took events out of the log meanwhile. */
  async cut(): Promise<Cut | undefined> {
    const { processor } = this.#place
    const removed = processor.branchesRemoved
    const until = processor.lastPosition
    await this.#gather(0, until)
    let cut: Cut | undefined
    await processor.between(async () => {
      if (processor.branchesRemoved !== removed) return
      await this.#gather(until + 1, processor.lastPosition)
      cut = await this.#join()
    })
    return cut
  }

  async #gather(from: number, to: number): Promise<void> {
    const touched = new Set<DocumentPath>()
    for await (const { position, header, path, ids, superseding } of this.#place.source.scan(this.#place.space.id, from, to)) {
      const document = documentOf(path)
      if (document === undefined) continue
      const gathered: Gathered = this.#documents.get(document) ?? { ids: [], positions: [], merged: undefined, superseding: new Map() }
      gathered.ids.push(...ids)
      gathered.positions.push(position)
      if (superseding !== undefined) gathered.superseding.set(superseding.id, superseding)
      this.#documents.set(document, gathered)
      touched.add(document)
      this.time = Math.max(this.time, header.time)
      for (const need of header.needs) this.needs.add(need)
    }
    for (const path of touched) {
      const merged = await this.#state.merged(path)
      const gathered = this.#documents.get(path)
      if (gathered !== undefined) gathered.merged = typeof merged === 'object' ? merged : undefined
    }
  }

  async #join(): Promise<Cut | undefined> {
    const { source, processor, space, provider } = this.#place
    const documents: MergedDocument[] = []
    const ids: Uint8Array[] = []
    const heads: SupersedingHead[] = []
    const positions: number[] = []
    for (const gathered of this.#documents.values()) {
      if (gathered.merged === undefined) positions.push(...gathered.positions)
      else {
        documents.push(gathered.merged)
        ids.push(...gathered.ids)
        heads.push(...headsOf(gathered))
      }
    }
    const tips = [...(await source.tips(space.id)).values()]
    const waiting = (await processor.waitingIn(space.reference)).map(({ bytes }) => bytes)
    if (waiting.reduce((sum, bytes) => sum + bytes.length, 0) > MOST_WAITING_BYTES) return undefined
    const body: SnapshotBody = {
      ...{ documents, ids: sortIds(ids), heads: withinBounds(heads), waiting },
      carried: await source.bytesAt(positions.toSorted((one, other) => one - other)),
      tips: await source.bytesOf(tips.map(({ id }) => id)),
    }
    const cursor = (await source.cursor(provider.network)) as Cursor
    return { body, cursor, events: tips.reduce((sum, { seq }) => sum + seq + 1, 0) }
  }
}

/** Those of a document's heads that took the places of others. */
function headsOf({ merged, superseding }: Gathered): readonly SupersedingHead[] {
  return merged?.heads.flatMap((head) => superseding.get(head) ?? []) ?? []
}

/** Who is not told what a head superseded takes it for one more head, no more. */
function withinBounds(heads: readonly SupersedingHead[]): readonly SupersedingHead[] {
  let room = MAX_HEADS_SUPERSEDED
  return heads.filter(({ supersedes }) => {
    room -= supersedes.length
    return room >= 0
  })
}

function tooLarge({ space, provider }: SnapshotPlace): SpiceTimeError {
  return new SpiceTimeError(
    'EVENT_TOO_LARGE',
    `A snapshot of '${space.id}' is more than ${provider.network} takes; members who join fetch the whole past.`,
    { space: space.id, network: provider.network },
  )
}
