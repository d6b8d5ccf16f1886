/** Why something on the chain was passed over, in words for a person. Anyone can write to a reference key that he has seen. */
export const IGNORED = {
  failed: 'transactions that failed',
  garbage: 'memos that are no events',
  version: 'memos of an unknown version',
  forged: 'events not signed by their author, or of another space',
  unasked: 'events that did not ask for consensus',
  repeated: 'events that were there before',
  unproven: 'anchors that no member made',
  damaged: 'anchors of what is no list of events',
} as const
export type Ignored = keyof typeof IGNORED

/** How often each reason was met, on ground that is final. */
export type IgnoredCounts = Readonly<Partial<Record<Ignored, number>>>

export function isIgnored(name: string): name is Ignored {
  return name in IGNORED
}

export function addCounts(one: IgnoredCounts, other: IgnoredCounts): IgnoredCounts {
  const sum: Partial<Record<Ignored, number>> = { ...one }
  for (const [name, count] of Object.entries(other)) if (isIgnored(name)) sum[name] = (sum[name] ?? 0) + count
  return sum
}
