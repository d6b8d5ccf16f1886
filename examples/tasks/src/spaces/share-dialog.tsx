import type { JSX } from 'preact'
import { useEffect, useRef, useState } from 'preact/hooks'
import type { Member, RuntimeClient } from 'spicetime'
import type { BoardSpace } from '../board/session.js'
import { Dialog } from '../ui/dialog.js'
import { Failure } from '../ui/failure.js'
import { inviteLink } from './invite-fragment.js'

interface ShareDialogProps {
  readonly runtime: RuntimeClient
  readonly board: BoardSpace
  readonly onClose: () => void
}

interface Sharing {
  readonly link: string | undefined
  readonly members: readonly Member[]
  readonly error: unknown
}

/** The board's link, with what having it means, and who is on the board. */
export function ShareDialog({ runtime, board, onClose }: ShareDialogProps): JSX.Element {
  const [{ link, members, error }, setSharing] = useState<Sharing>({ link: undefined, members: [], error: undefined })
  useEffect(() => {
    const left = new AbortController()
    const { signal } = left
    Promise.all([runtime.invite(board.id, { signal }), runtime.members(board.id, { signal })]).then(
      ([fragment, known]) => setSharing({ link: inviteLink(fragment, location.href), members: known, error: undefined }),
      (failure: unknown) => {
        if (!signal.aborted) setSharing({ link: undefined, members: [], error: failure })
      },
    )
    return () => left.abort()
  }, [runtime, board.id])
  return (
    <Dialog title={`Share ${board.name}`} onClose={onClose}>
      <div class="dialog-body">
        <p class="lead">
          Whoever has this link can read and change this board. Send it only to people who should, in a way that nobody else sees.
        </p>
        {error === undefined ? <LinkField link={link} /> : <Failure what="The link could not be made." error={error} />}
        {members.length > 0 && (
          <section class="members" aria-label="Members">
            <h3>On this board</h3>
            <ul>
              {members.map((member) => (
                <li key={member.author}>
                  <span>{member.name === '' ? 'Unnamed' : member.name}</span>
                  <span class="member-role">
                    {member.founder ? 'Made the board' : `Joined ${new Date(member.joinedAt).toLocaleDateString()}`}
                  </span>
                </li>
              ))}
            </ul>
          </section>
        )}
      </div>
    </Dialog>
  )
}

function LinkField({ link }: { readonly link: string | undefined }): JSX.Element {
  const field = useRef<HTMLInputElement>(null)
  const [said, setSaid] = useState('')
  const copy = async (): Promise<void> => {
    field.current?.select()
    try {
      await navigator.clipboard.writeText(link ?? '')
      setSaid('Copied')
    } catch {
      // Browsers refuse without permission; the selected text can still be copied by hand.
      setSaid('Press Ctrl or ⌘ and C to copy')
    }
  }
  return (
    <div class="share-link">
      <input
        ref={field}
        class="input"
        type="text"
        readOnly
        aria-label="Link to this board"
        value={link ?? 'Making the link…'}
        onFocus={(event) => event.currentTarget.select()}
      />
      <button type="button" class="button button-primary" disabled={link === undefined} onClick={() => void copy()}>
        Copy link
      </button>
      <span class="share-said" role="status">
        {said}
      </span>
    </div>
  )
}
