import type { AuthorId } from '../model/event.js'
import type { DocumentPath } from '../model/path.js'
import type { StoreChange } from '../storage/store.js'
import type { DocumentCache } from './document-cache.js'
import { publishedDocument } from './document-state.js'
import type { Folder } from './folder.js'
import { LiveDocument } from './live-document.js'
import type { ClientIds } from './merge/client-id.js'
import { TeamDocument } from './merge/team.js'
import type { RebuiltDocument } from './past-folder.js'
import type { PublishedDocument } from './watch-hub.js'

interface RebuildingParts {
  readonly cache: DocumentCache
  readonly folder: Folder
  readonly clients: ClientIds
  readonly me: AuthorId
  readonly onRebuilt: (document: PublishedDocument) => void
}

/** Folds documents anew without the events whose log rows the changes take away: in memory, and into the changes. */
export async function rebuildAll(documents: readonly DocumentPath[], parts: RebuildingParts, changes: StoreChange[]): Promise<void> {
  const gone = new Set(changes.flatMap(([key, value]) => (key.startsWith('e/') && value === undefined ? [Number(key.slice(2))] : [])))
  const folder = await parts.folder.past()
  for (const path of documents) {
    const rebuilt = await folder.rebuild(path, gone, changes)
    parts.cache.put(await live(path, rebuilt, parts))
    parts.onRebuilt(publishedDocument(path, rebuilt.value, rebuilt.header))
  }
}

/** A rebuilt document in memory; the store still shows what it was. */
async function live(path: DocumentPath, rebuilt: RebuiltDocument, { clients, me }: RebuildingParts): Promise<LiveDocument> {
  const { base, events } = rebuilt
  const document = events.length === 0 && base === undefined ? new LiveDocument(path) : new LiveDocument(path, rebuilt)
  const client = await clients.of({ author: me, space: rebuilt.space })
  document.entries = rebuilt.entries
  const updates = events.flatMap(({ content }) => content.body.update ?? [])
  document.rebuiltFrom = base === undefined ? updates : [base.update, ...updates]
  document.team = new TeamDocument(client, document.rebuiltFrom)
  return document
}
