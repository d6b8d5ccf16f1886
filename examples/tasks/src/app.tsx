import type { ComponentChildren, JSX } from 'preact'
import { useEffect, useMemo, useState } from 'preact/hooks'
import type { RuntimeClient } from 'spicetime'
import { Notices } from './board/notices.js'
import { makeSession } from './board/session.js'
import { BoardScreen } from './components/board-screen.js'
import { ImportDialog } from './import-dialog/import-dialog.js'
import { CreateDialog, JoinDialog } from './spaces/board-dialogs.js'
import { BoardSwitcher } from './spaces/board-switcher.js'
import { clearFragment, inviteIn } from './spaces/invite-fragment.js'
import { ShareDialog } from './spaces/share-dialog.js'
import { useBoards } from './spaces/use-boards.js'
import { Toasts } from './ui/toasts.js'

interface TaskAppProps {
  readonly runtime: RuntimeClient
  /** What the page around the board adds to its header. */
  readonly headerEnd?: ComponentChildren
}

type DialogName = 'import' | 'create' | 'join' | 'share' | undefined

/** The task board: one board at a time, and the way between boards. */
export function TaskApp({ runtime, headerEnd }: TaskAppProps): JSX.Element {
  const [notices] = useState(() => new Notices())
  const boards = useBoards(runtime, notices)
  const { id, name, team, ordered } = boards.current
  const session = useMemo(() => makeSession(runtime, { id, name, team, ordered }, notices), [runtime, id, name, team, ordered, notices])
  const [dialog, setDialog] = useState<DialogName>(undefined)
  const [invite, dropInvite] = useInvite()
  const close = (): void => setDialog(undefined)
  const closeJoin = (): void => {
    close()
    dropInvite()
  }
  return (
    <div class="board" data-testid="board">
      <BoardScreen
        key={id}
        session={session}
        headerEnd={headerEnd}
        onImport={() => setDialog('import')}
        switcher={
          <BoardSwitcher
            boards={boards}
            onCreate={() => setDialog('create')}
            onJoin={() => setDialog('join')}
            onShare={() => setDialog('share')}
          />
        }
      />
      {dialog === 'import' && <ImportDialog session={session} onClose={close} />}
      {dialog === 'share' && <ShareDialog runtime={runtime} board={session.space} onClose={close} />}
      {dialog === 'create' && (
        <CreateDialog
          runtime={runtime}
          onClose={close}
          onCreated={(board) => {
            boards.choose(board)
            setDialog('share')
          }}
        />
      )}
      {(dialog === 'join' || invite !== undefined) && (
        <JoinDialog
          runtime={runtime}
          invite={invite}
          onClose={closeJoin}
          onJoined={(board) => {
            boards.choose(board)
            closeJoin()
            notices.info(`Joined ${board.name}`)
          }}
        />
      )}
      <Toasts notices={notices} />
    </div>
  )
}

/** The invite that the page was opened with, or is sent to later; dropping it also clears the address bar. */
function useInvite(): readonly [string | undefined, () => void] {
  const [invite, setInvite] = useState(() => inviteIn(location.hash))
  useEffect(() => {
    const look = (): void => setInvite(inviteIn(location.hash))
    addEventListener('hashchange', look)
    return () => removeEventListener('hashchange', look)
  }, [])
  const drop = (): void => {
    if (inviteIn(location.hash) !== undefined) clearFragment()
    setInvite(undefined)
  }
  return [invite, drop]
}
