import type { JSX } from 'preact'
import { useState } from 'preact/hooks'
import { useBoard } from '../board/session.js'
import { useClaim } from '../hooks/use-claim.js'
import { useStore } from '../hooks/use-store.js'
import type { Task } from '../model/task.js'

/** Who has the task; one member alone can. Nothing on boards that don't order claims. */
export function ClaimField({ task }: { readonly task: Task }): JSX.Element | null {
  const { session } = useBoard()
  return useStore(session.claims).offered ? <Offered task={task} /> : null
}

function Offered({ task }: { readonly task: Task }): JSX.Element {
  const { session } = useBoard()
  const { me } = useStore(session.claims)
  const claim = useClaim(session, task.id)
  const [asking, setAsking] = useState(false)
  const ask = (): void => {
    setAsking(true)
    void session.claims.claim(task).finally(() => setAsking(false))
  }
  const mine = claim?.author === me
  return (
    <div class="field">
      <span class="field-label">Claimed by</span>
      <div class="input-group claim" role="status">
        {claim === undefined ? (
          <button type="button" class="button" disabled={asking} onClick={ask}>
            Claim
          </button>
        ) : (
          <span class={claim.decided ? 'claim-holder' : 'claim-holder claim-open'}>
            {claim.decided
              ? capitalized(session.claims.nameOf(claim.author))
              : `${capitalized(session.claims.nameOf(claim.author))}, once it is ordered`}
          </span>
        )}
        {mine && claim.decided && (
          <button type="button" class="button button-quiet" onClick={() => void session.claims.release(task)}>
            Give back
          </button>
        )}
      </div>
    </div>
  )
}

function capitalized(name: string): string {
  return name === 'you' ? 'You' : name
}
