import type { Direction } from '../model/focus.js'

/** What a key press asks of the board. */
export type Command =
  | { readonly kind: 'focus'; readonly direction: Direction }
  | { readonly kind: 'move'; readonly direction: Direction }
  | { readonly kind: 'open' | 'new' | 'search' | 'help' | 'remove' | 'grab' | 'undo' | 'escape' }

export interface Press {
  readonly key: string
  readonly altKey: boolean
  readonly ctrlKey: boolean
  readonly metaKey: boolean
  readonly shiftKey: boolean
}

const DIRECTIONS: { readonly [key: string]: Direction } = {
  ArrowUp: 'up',
  ArrowDown: 'down',
  ArrowLeft: 'left',
  ArrowRight: 'right',
  Home: 'first',
  End: 'last',
}

const PLAIN: { readonly [key: string]: Command } = {
  Enter: { kind: 'open' },
  n: { kind: 'new' },
  '/': { kind: 'search' },
  '?': { kind: 'help' },
  Delete: { kind: 'remove' },
  Backspace: { kind: 'remove' },
  ' ': { kind: 'grab' },
  Escape: { kind: 'escape' },
}

/** The list that the sheet of keys shows. */
export const KEY_HELP: readonly { readonly keys: readonly string[]; readonly does: string }[] = [
  { keys: ['↑', '↓', '←', '→'], does: 'Go from card to card' },
  { keys: ['Home', 'End'], does: 'First or last card of the column' },
  { keys: ['Enter'], does: 'Open the card' },
  { keys: ['N'], does: 'New task in this column' },
  { keys: ['Alt', '↑ ↓ ← →'], does: 'Move the card' },
  { keys: ['Space'], does: 'Pick the card up; arrows choose a place, Space drops it' },
  { keys: ['Delete'], does: 'Delete the card' },
  { keys: ['Ctrl or ⌘', 'Z'], does: 'Undo your last change on this board' },
  { keys: ['/'], does: 'Search' },
  { keys: ['Esc'], does: 'Close, or clear the search' },
  { keys: ['?'], does: 'This list' },
]

/** The command of a key press outside text fields; undefined for keys that are not the board's. */
export function commandOf(press: Press): Command | undefined {
  const command = press.ctrlKey || press.metaKey
  if (command) return press.key.toLowerCase() === 'z' && !press.shiftKey && !press.altKey ? { kind: 'undo' } : undefined
  const direction = DIRECTIONS[press.key]
  if (direction !== undefined) return { kind: press.altKey ? 'move' : 'focus', direction }
  if (press.altKey) return undefined
  return PLAIN[press.key] ?? PLAIN[press.key.toLowerCase()]
}
