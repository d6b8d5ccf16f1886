import type { LiveDocument } from './live-document.js'
import { foldConsensus } from './merge/consensus.js'

/** The value and the head of a document in its chain's order. */
export function foldOrdered(document: LiveDocument): void {
  const folded = foldConsensus(document.entries ?? [])
  document.value = folded.value
  document.header = { ...document.header, orderedHead: folded.head }
}
