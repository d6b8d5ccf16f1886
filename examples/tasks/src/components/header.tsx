import type { ComponentChildren, JSX } from 'preact'
import { useBoard } from '../board/session.js'
import { exportTasks } from '../export/export-tasks.js'
import { THEMES, useTheme } from '../hooks/use-theme.js'
import { ExportIcon, ImportIcon, KeyboardIcon, MoreIcon, PlusIcon } from '../ui/icons.js'
import { MenuItem } from '../ui/menu-item.js'
import { Popover } from '../ui/popover.js'
import { NetworkBadge } from './network-badge.js'
import { SearchField } from './search-field.js'

interface HeaderProps {
  readonly switcher: ComponentChildren
  readonly headerEnd: ComponentChildren
  readonly onImport: () => void
  /** Tasks that match the search; undefined without one. */
  readonly found: number | undefined
}

/** The bar above a board. */
export function Header({ switcher, headerEnd, onImport, found }: HeaderProps): JSX.Element {
  const { session, setView } = useBoard()
  return (
    <header class="bar">
      <h1 class="visually-hidden">Tasks: {session.space.name}</h1>
      {switcher}
      {session.space.team && <NetworkBadge session={session} />}
      <span class="bar-gap" />
      <SearchField found={found} />
      <button
        type="button"
        class="button button-primary bar-new"
        aria-label="New task"
        title="New task (N)"
        onClick={() => setView({ adding: 'todo' })}
      >
        <PlusIcon />
        <span>New task</span>
      </button>
      <MoreMenu onImport={onImport} />
      {headerEnd}
    </header>
  )
}

function MoreMenu({ onImport }: { readonly onImport: () => void }): JSX.Element {
  const { session, setView } = useBoard()
  const { theme, setTheme } = useTheme()
  const then = (close: () => void, run: () => void) => () => {
    close()
    run()
  }
  return (
    <Popover label="More" button={<MoreIcon />} buttonClass="button-icon" align="end" role="menu">
      {(close) => (
        <>
          <MenuItem onChoose={then(close, onImport)}>
            <ImportIcon /> Import…
          </MenuItem>
          <MenuItem onChoose={then(close, () => exportTasks(session, 'csv'))}>
            <ExportIcon /> Export as CSV
          </MenuItem>
          <MenuItem onChoose={then(close, () => exportTasks(session, 'json'))}>
            <ExportIcon /> Export as JSON
          </MenuItem>
          <hr />
          {THEMES.map(({ name, label, icon: ThemeIcon }) => (
            <MenuItem key={name} checked={theme === name} onChoose={then(close, () => setTheme(name))}>
              <ThemeIcon /> {label}
            </MenuItem>
          ))}
          <hr />
          <MenuItem hint="?" onChoose={then(close, () => setView({ help: true }))}>
            <KeyboardIcon /> Keyboard
          </MenuItem>
        </>
      )}
    </Popover>
  )
}
