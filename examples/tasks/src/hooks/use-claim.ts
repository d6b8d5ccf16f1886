import { useEffect, useState } from 'preact/hooks'
import type { Session } from '../board/session.js'
import { readClaim } from '../model/claim.js'
import type { Claim } from '../model/claim.js'

/** Whose a task is, followed while it is open. */
export function useClaim({ runtime, claims, notices }: Session, task: string): Claim | undefined {
  const [claim, setClaim] = useState<Claim | undefined>(undefined)
  useEffect(() => {
    const left = new AbortController()
    const follow = async (): Promise<void> => {
      try {
        for await (const state of runtime.watchState(claims.pathOf(task), { signal: left.signal })) setClaim(readClaim(state))
      } catch (error) {
        if (!left.signal.aborted) notices.failure('Who has claimed the task is not known.', error)
      }
    }
    void follow()
    return () => left.abort()
  }, [runtime, claims, notices, task])
  return claim
}
