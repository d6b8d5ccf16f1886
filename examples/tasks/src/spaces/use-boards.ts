import { useEffect, useState } from 'preact/hooks'
import type { RuntimeClient } from 'spicetime'
import type { Notices } from '../board/notices.js'
import type { BoardSpace } from '../board/session.js'
import { recall, remember } from '../model/remembered.js'

export const OWN_BOARD: BoardSpace = { id: 'me', name: 'This device only', team: false, ordered: false }
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
  const [teams, setTeams] = useState<readonly BoardSpace[] | undefined>(undefined)
  const [chosen, setChosen] = useState(rememberedBoard)
  const all = [OWN_BOARD, ...(teams ?? [])]
  useEffect(() => {
    const list = (): void => {
      if (document.visibilityState === 'hidden') return
      runtime.spaces().then(
        (spaces) =>
          setTeams(
            spaces
              .filter(({ id }) => id !== OWN_BOARD.id)
              .map(({ id, name, policies }) => ({ id, name, team: true, ordered: policies['tasks'] === 'consensus' })),
          ),
        (error: unknown) => notices.failure('The team boards could not be listed.', error),
      )
    }
    list()
    document.addEventListener('visibilitychange', list)
    return () => document.removeEventListener('visibilitychange', list)
  }, [runtime, notices])
  // Before the boards are listed, the last one is trusted, so that the page does not show another one first.
  const unlisted = teams === undefined ? chosen : OWN_BOARD
  return {
    all,
    current: all.find(({ id }) => id === chosen.id) ?? unlisted,
    choose(board) {
      remember(KEY, JSON.stringify({ id: board.id, name: board.name }))
      if (board.team) setTeams((before = []) => (before.some(({ id }) => id === board.id) ? before : [...before, board]))
      setChosen(board)
    },
  }
}

function rememberedBoard(): BoardSpace {
  try {
    const remembered: unknown = JSON.parse(recall(KEY) ?? 'null')
    if (typeof remembered !== 'object' || remembered === null || !('id' in remembered) || !('name' in remembered)) return OWN_BOARD
    const { id, name } = remembered
    return typeof id === 'string' && typeof name === 'string' && id !== OWN_BOARD.id ? { id, name, team: true, ordered: false } : OWN_BOARD
  } catch {
    // Something else is under the key: begin with the board that is always there.
    return OWN_BOARD
  }
}
