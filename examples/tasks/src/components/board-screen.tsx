import type { JSX } from 'preact'
import { useEffect, useMemo, useState } from 'preact/hooks'
import type { ComponentChildren } from 'preact'
import { BoardContext, FIRST_VIEW } from '../board/session.js'
import type { BoardContextValue, Session, View } from '../board/session.js'
import { useBoardKeys } from '../hooks/use-board-keys.js'
import { useStore } from '../hooks/use-store.js'
import { filterColumns, searchWords } from '../model/search.js'
import { Failure } from '../ui/failure.js'
import { Columns } from './columns.js'
import { EmptyState } from './empty-state.js'
import { Header } from './header.js'
import { KeyHelp } from './key-help.js'
import { StorageNotice } from './storage-notice.js'
import { TaskSheet } from './task-sheet.js'

interface BoardScreenProps {
  readonly session: Session
  /** Board switcher and what the page around the board adds to its header. */
  readonly switcher: ComponentChildren
  readonly headerEnd: ComponentChildren
  readonly onImport: () => void
}

/** One board: header, columns, and the sheet of the open task. */
export function BoardScreen({ session, switcher, headerEnd, onImport }: BoardScreenProps): JSX.Element {
  const { phase, arrangement, failure } = useStore(session.store)
  const [view, setWholeView] = useState<View>(FIRST_VIEW)
  useEffect(() => {
    session.store.start()
    if (session.space.team) session.claims.start()
    return () => {
      session.store.stop()
      session.claims.stop()
    }
  }, [session])
  const board: BoardContextValue = {
    session,
    view,
    // A new task would be hidden by a search that it does not match.
    setView: (change) => setWholeView((before) => ({ ...before, ...(change.adding === undefined ? {} : { query: '' }), ...change })),
    focusCard: (id) => {
      session.wanted.id = id
      setWholeView((before) => ({ ...before, focused: id }))
    },
  }
  const words = useMemo(() => searchWords(view.query), [view.query])
  const shown = useMemo(() => filterColumns(arrangement.columns, words), [arrangement, words])
  const found = shown.todo.length + shown.doing.length + shown.done.length
  const keys = useBoardKeys({ ...board, shown })
  const open = view.open === undefined ? undefined : arrangement.tasks.get(view.open)
  const empty = phase === 'ready' && arrangement.tasks.size === 0 && view.adding === undefined
  return (
    <BoardContext.Provider value={board}>
      <Header switcher={switcher} headerEnd={headerEnd} onImport={onImport} found={words.length === 0 ? undefined : found} />
      <StorageNotice session={session} unreadable={arrangement.unreadable} />
      {phase === 'failed' && <Failure what="The board could not be read." error={failure} onRetry={() => session.store.start()} />}
      <div class="board-body">
        {empty ? (
          <EmptyState onImport={onImport} />
        ) : (
          <Columns
            shown={shown}
            total={arrangement.columns}
            loading={phase === 'loading'}
            onDrop={(id, target) => keys.current.drop(id, target)}
          />
        )}
        {words.length > 0 && found === 0 && phase === 'ready' && arrangement.tasks.size > 0 && <NothingFound query={view.query} />}
        {open !== undefined && <TaskSheet key={open.id} task={open} />}
      </div>
      {view.help && <KeyHelp onClose={() => board.setView({ help: false })} />}
      <p id="board-keys" hidden>
        Enter opens, Space picks up, Alt and arrow keys move, question mark lists all keys.
      </p>
    </BoardContext.Provider>
  )
}

function NothingFound({ query }: { readonly query: string }): JSX.Element {
  return (
    <p class="nothing-found" role="status">
      No task matches “{query.trim()}”.
    </p>
  )
}
