import type { JSX } from 'preact'
import { ChevronIcon, DeviceIcon, LinkIcon, PlusIcon, ShareIcon } from '../ui/icons.js'
import { MenuItem } from '../ui/menu-item.js'
import { Popover } from '../ui/popover.js'
import type { Boards } from './use-boards.js'

interface BoardSwitcherProps {
  readonly boards: Boards
  readonly onCreate: () => void
  readonly onJoin: () => void
  readonly onShare: () => void
}

/** The name of the board; behind it the other boards, a new one, and a link to one. */
export function BoardSwitcher({ boards, onCreate, onJoin, onShare }: BoardSwitcherProps): JSX.Element {
  const { all, current, choose } = boards
  return (
    <div class="switcher">
      <Popover
        label={`Board: ${current.name}`}
        buttonClass="switcher-button"
        role="menu"
        button={
          <>
            {current.team ? <ShareIcon /> : <DeviceIcon />}
            <span class="switcher-name">{current.name}</span>
            <ChevronIcon />
          </>
        }
      >
        {(close) => (
          <>
            {all.map((board) => (
              <MenuItem key={board.id} checked={board.id === current.id} onChoose={then(close, () => choose(board))}>
                {board.team ? <ShareIcon /> : <DeviceIcon />} {board.name}
              </MenuItem>
            ))}
            <hr />
            <MenuItem onChoose={then(close, onCreate)}>
              <PlusIcon /> New team board…
            </MenuItem>
            <MenuItem onChoose={then(close, onJoin)}>
              <LinkIcon /> Join with a link…
            </MenuItem>
          </>
        )}
      </Popover>
      {current.team && (
        <button type="button" class="button button-quiet share-button" onClick={onShare} title="Share this board">
          <LinkIcon />
          <span>Share</span>
        </button>
      )}
    </div>
  )
}

function then(close: () => void, run: () => void): () => void {
  return () => {
    close()
    run()
  }
}
