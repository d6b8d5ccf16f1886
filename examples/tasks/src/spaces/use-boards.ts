import { useEffect, useState } from 'preact/hooks'
import type { RuntimeClient } from 'spicetime'
import type { Notices } from '../board/notices.js'
import type { BoardSpace } from '../board/session.js'
import { recall, remember } from '../model/remembered.js'

export const OWN_BOARD: BoardSpace = { id: 'me', name: 'This device only', team: false }
const KEY = 'tasks.board'

export interface Boards {
  readonly all: readonly BoardSpace[]
  readonly current: BoardSpace
  readonly choose: (board: BoardSpace) => void
}

/**
 * The boards of this device, and which one is looked at: the same as last time. They are listed again when the page comes to the front,
 * since another tab may have made or joined one.
 */
export function useBoards(runtime: RuntimeClient, notices: Notices): Boards {
  const [teams, setTeams] = useState<readonly BoardSpace[]>([])
  const [chosen, setChosen] = useState(() => recall(KEY) ?? OWN_BOARD.id)
  const all = [OWN_BOARD, ...teams]
  useEffect(() => {
    const list = (): void => {
      if (document.visibilityState === 'hidden') return
      runtime.spaces().then(
        (spaces) => setTeams(spaces.filter(({ id }) => id !== OWN_BOARD.id).map(({ id, name }) => ({ id, name, team: true }))),
        (error: unknown) => notices.failure('The team boards could not be listed.', error),
      )
    }
    list()
    document.addEventListener('visibilitychange', list)
    return () => document.removeEventListener('visibilitychange', list)
  }, [runtime, notices])
  return {
    all,
    current: all.find(({ id }) => id === chosen) ?? OWN_BOARD,
    choose(board) {
      remember(KEY, board.id)
      if (board.team) setTeams((before) => (before.some(({ id }) => id === board.id) ? before : [...before, board]))
      setChosen(board.id)
    },
  }
}
