import type { RuntimeClient } from 'spicetime'

/** What every view gets. */
export interface Tools {
  readonly runtime: RuntimeClient
  /** Opens the trace of an event. */
  readonly openTrace: (id: string) => void
}
