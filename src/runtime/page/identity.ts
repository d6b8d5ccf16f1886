import type { StorageReport } from '../runtime-client.js'
import { deviceMemory } from './device-memory.js'

/** Remembers whose device this is, beside the database and apart from it, so that an emptied one is not taken for a new one. */
export interface Identity {
  /**
   * Compares what the runtime says with what is remembered.
   * @returns the author whose data was here and is gone; undefined when nothing was lost. An emptied device is told of by every page until
   * one has connected after something new was stored
   */
  check(report: Pick<StorageReport, 'author' | 'events' | 'mode'>): Promise<string | undefined>
}

/** For one page and the runtime of that name. */
export function rememberIdentity(name: string): Identity {
  const memory = deviceMemory(name)
  // What this page saw counts though the browser cleared its storage, or refuses it.
  let seen: string | undefined
  let lost: string | undefined
  return {
    async check({ author, events, mode }) {
      const remembered = await memory.read()
      const known = seen === undefined ? remembered : [seen]
      if (known.length > 0 && !known.includes(author)) lost = known[0]
      if (lost === author) lost = undefined
      seen = author
      const remember = lost === undefined || events > 0 ? author : lost
      // A database in memory is gone with its host, and that is no loss. One word for two places: each holds it, or it is written to both.
      if (mode !== 'memory' && (remembered.length < 2 || remembered.some((word) => word !== remember))) await memory.write(remember)
      return lost
    },
  }
}
