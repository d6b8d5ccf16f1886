import { createContext } from 'preact'
import { useContext } from 'preact/hooks'
import type { RuntimeClient } from 'spicetime'
import type { Position } from '../model/focus.js'
import type { Status } from '../model/task.js'
import { BoardActions } from './board-actions.js'
import { BoardStore } from './board-store.js'
import { Claims } from './claims.js'
import type { Notices } from './notices.js'

/** A board a person can switch to. */
export interface BoardSpace {
  readonly id: string
  readonly name: string
  /** Shared with others; `me` is not. */
  readonly team: boolean
  /** Every change takes its place in one order for all. */
  readonly ordered: boolean
}

/** A card that is picked up by the keyboard or the pointer, and where it would land in the shown columns without it. */
export interface Held {
  readonly id: string
  readonly target: Position | undefined
  readonly by: 'keys' | 'pointer'
  /** Pixels of the card on the pointer: a gap of that height opens where it would land. */
  readonly height?: number
}

/** What is where on the screen; nothing of it is stored. */
export interface View {
  readonly focused: string | undefined
  readonly open: string | undefined
  readonly adding: Status | undefined
  readonly held: Held | undefined
  readonly query: string
  readonly help: boolean
}

export const FIRST_VIEW: View = { focused: undefined, open: undefined, adding: undefined, held: undefined, query: '', help: false }

/** One board at work: its tasks, what can be done to them, and how it is looked at. */
export interface Session {
  readonly runtime: RuntimeClient
  readonly space: BoardSpace
  readonly store: BoardStore
  readonly actions: BoardActions
  readonly claims: Claims
  readonly notices: Notices
  /** The card that takes the page's focus as soon as it is drawn. */
  readonly wanted: { id: string | undefined }
}

export function makeSession(runtime: RuntimeClient, space: BoardSpace, notices: Notices): Session {
  const store = new BoardStore(runtime, space.id)
  const claims = new Claims({ runtime, space: space.id, notices })
  return { runtime, space, store, notices, claims, actions: new BoardActions({ runtime, store, notices }), wanted: { id: undefined } }
}

export interface BoardContextValue {
  readonly session: Session
  readonly view: View
  readonly setView: (change: Partial<View>) => void
  /** Gives a card the focus, now or when it is drawn. */
  readonly focusCard: (id: string | undefined) => void
}

export const BoardContext = createContext<BoardContextValue | undefined>(undefined)

export function useBoard(): BoardContextValue {
  const value = useContext(BoardContext)
  if (value === undefined) throw new Error('useBoard is for components inside BoardScreen.')
  return value
}
