import type { AuthorId, SpaceReference } from '../model/event.js'
import type { DocumentPath } from '../model/path.js'
import type { MergePolicy } from '../model/state.js'
import type { DocumentCache } from './document-cache.js'
import type { LiveDocument } from './live-document.js'
import { notLive } from './merge-policy.js'
import type { ClientIds } from './merge/client-id.js'
import type { TeamDocument } from './merge/team.js'

/** What a copy of a document lacks, the state vector that it has then, and the author's client id there. */
export type LivePiece = ReturnType<TeamDocument['since']> & { readonly client: number }

export interface LiveRequest {
  /** What it is called on networks. */
  readonly space: SpaceReference
  /** The Yjs state vector of the copy. */
  readonly vector: Uint8Array | undefined
  /** Does a step while no transaction is being made. */
  readonly between: (step: () => Promise<void>) => Promise<void>
}

interface LiveParts {
  readonly cache: DocumentCache
  readonly clients: ClientIds
  readonly me: AuthorId
  readonly declaredPolicy: (document: DocumentPath) => MergePolicy | undefined
}

/** What a copy of a team document with that Yjs state vector lacks. @throws SpiceTimeError POLICY_MISMATCH */
export async function livePiece(path: DocumentPath, request: LiveRequest, parts: LiveParts): Promise<LivePiece> {
  const { cache, clients, me, declaredPolicy } = parts
  const isTeam = ({ policy }: LiveDocument): boolean => (policy ?? declaredPolicy(path) ?? 'team') === 'team'
  const client = await clients.of({ author: me, space: request.space })
  const known = cache.peek(path)
  if (known !== undefined && !isTeam(known)) throw notLive(path)
  if (known?.team !== undefined) return { client, ...known.team.since(request.vector) }
  // A transaction that is being made has taken its updates out of memory and has not brought them to the store.
  return await new Promise((resolve, reject) => {
    const open = async (): Promise<void> => {
      const document = await cache.open(path)
      if (!isTeam(document)) return reject(notLive(path))
      const team = await cache.openTeam(document, client)
      resolve({ client, ...team.since(request.vector) })
    }
    request.between(open).catch(reject)
  })
}
