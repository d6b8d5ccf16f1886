import type { EventId } from '../model/event.js'
import type { DocumentPath } from '../model/path.js'
import type { MergePolicy } from '../model/state.js'
import type { Value } from '../model/value.js'
import type { DocumentHeader } from './document-row.js'
import { lowestLevel, NO_LEVELS } from './levels.js'
import type { FoldEntry } from './merge/fold-entry.js'
import type { TeamDocument } from './merge/team.js'

const NOTHING_YET: Omit<DocumentHeader, 'policy' | 'level'> = {
  heads: [],
  orderedHead: undefined,
  levels: NO_LEVELS,
  shapedSince: 0,
  lastPosition: 0,
  lastWriter: { time: 0, id: '' as EventId },
  pending: [],
  networks: {},
  updatedAt: 0,
}

/** A document in memory: its newest value and header, with the transactions that are on their way. */
export class LiveDocument {
  readonly path: DocumentPath
  /** undefined until the first event. */
  policy: MergePolicy | undefined
  value: Value | undefined
  header: Omit<DocumentHeader, 'policy' | 'level'>
  /** Built when it is first needed. */
  team: TeamDocument | undefined
  /** Updates that were composed or absorbed and are not in the store yet. */
  unwritten: Uint8Array[] = []
  /** The updates that were left when it was rebuilt, while the store still shows those that are gone. */
  rebuiltFrom: readonly Uint8Array[] | undefined
  /** Kept of consensus documents, which are folded at every event, and of documents that were rebuilt in a transaction that is not written yet. */
  entries: FoldEntry[] | undefined
  /** The value must be folded from all events before it is written. */
  mustFold = false
  /** The merged updates in the store are far behind. */
  mergeDue = false

  constructor(path: DocumentPath, known?: { readonly value: Value | undefined; readonly header: DocumentHeader }) {
    this.path = path
    this.policy = known?.header.policy
    this.value = known?.value
    this.header = known?.header ?? NOTHING_YET
  }

  /** Whether no event of it was ever applied or composed. */
  get fresh(): boolean {
    return this.header.lastPosition === 0 && this.team === undefined && this.unwritten.length === 0
  }

  rowHeader(): DocumentHeader {
    return { ...this.header, policy: this.policy ?? 'team', level: lowestLevel(this.header.levels) }
  }
}
