import type { Columns } from '../model/columns.js'
import { focusAfterRemoval, placeInFull, positionOf, stepFocus, stepMove } from '../model/focus.js'
import type { Direction, Position } from '../model/focus.js'
import { STATUS_LABELS } from '../model/task.js'
import { commandOf } from './keys.js'
import type { Command } from './keys.js'
import type { BoardContextValue } from './session.js'

interface Parts extends BoardContextValue {
  /** What is shown: the columns that match the search. */
  readonly shown: Columns
}

/** Carries out the board's keys. Made anew with each drawing, from what is shown then. */
export class KeyHandler {
  readonly #parts: Parts

  constructor(parts: Parts) {
    this.#parts = parts
  }

  /** Handles a key press; true when it was the board's. */
  press(event: KeyboardEvent): boolean {
    const command = commandOf(event)
    if (command === undefined) return false
    const { held } = this.#parts.view
    return held?.by === 'keys' ? this.#carry(command, held.id, held.target) : this.#run(command)
  }

  /** Puts a card where it was dropped among the shown cards. */
  drop(id: string, target: Position): void {
    const { session, shown } = this.#parts
    const now = positionOf(shown, id)
    if (now !== undefined && now.status === target.status && now.index === target.index) return
    const full = session.store.snapshot.arrangement.columns[target.status].filter((task) => task.id !== id)
    const visible = shown[target.status].filter((task) => task.id !== id)
    void session.actions.move(id, { status: target.status, index: placeInFull(full, visible, target.index) })
  }

  #run(command: Command): boolean {
    const { session, view, setView } = this.#parts
    switch (command.kind) {
      case 'focus':
        return this.#focus(stepFocus(this.#parts.shown, view.focused, command.direction))
      case 'move':
        return this.#move(command.direction)
      case 'open':
        if (view.focused !== undefined) setView({ open: view.focused })
        return view.focused !== undefined
      case 'new':
        setView({ adding: positionOf(this.#parts.shown, view.focused)?.status ?? 'todo' })
        return true
      case 'search':
        document.querySelector<HTMLInputElement>('#board-search')?.focus()
        return true
      case 'help':
        setView({ help: true })
        return true
      case 'remove':
        return this.#remove()
      case 'grab':
        return this.#grab()
      case 'undo':
        void session.actions.undo()
        return true
      case 'escape':
        return this.#escape()
    }
  }

  #focus(id: string | undefined): boolean {
    if (id === undefined) return false
    this.#parts.focusCard(id)
    return true
  }

  #move(direction: Direction): boolean {
    const { view, shown, focusCard } = this.#parts
    const from = positionOf(shown, view.focused)
    if (from === undefined || view.focused === undefined) return false
    const target = stepMove(shown, from, direction)
    if (target !== undefined) {
      this.drop(view.focused, target)
      focusCard(view.focused)
    }
    return true
  }

  #remove(): boolean {
    const { session, view, shown, focusCard, setView } = this.#parts
    if (view.focused === undefined) return false
    const id = view.focused
    const next = focusAfterRemoval(shown, id)
    if (view.open === id) setView({ open: undefined })
    void session.actions.remove(id)
    focusCard(next)
    return true
  }

  #grab(): boolean {
    const { session, view, shown, setView } = this.#parts
    const target = positionOf(shown, view.focused)
    if (view.focused === undefined || target === undefined) return false
    setView({ held: { id: view.focused, target, by: 'keys' } })
    const title = session.store.snapshot.arrangement.tasks.get(view.focused)?.title ?? ''
    session.notices.say(`Picked up ${title}. Arrow keys choose a place, Space drops it, Escape puts it back.`)
    return true
  }

  #escape(): boolean {
    const { view, setView, focusCard } = this.#parts
    if (view.open !== undefined) {
      setView({ open: undefined })
      focusCard(view.open)
    } else if (view.query !== '') setView({ query: '' })
    else return false
    return true
  }

  /** A key while a card is picked up. */
  #carry(command: Command, id: string, target: Position | undefined): boolean {
    const { session, setView, focusCard } = this.#parts
    if (command.kind === 'focus' || command.kind === 'move') {
      const next = target === undefined ? undefined : stepMove(this.#without(id, target), target, command.direction)
      if (next !== undefined) {
        setView({ held: { id, target: next, by: 'keys' } })
        session.notices.say(`${STATUS_LABELS[next.status]}, position ${next.index + 1}`)
      }
      return true
    }
    setView({ held: undefined })
    focusCard(id)
    if ((command.kind === 'grab' || command.kind === 'open') && target !== undefined) this.drop(id, target)
    else session.notices.say('Put back')
    return true
  }

  /** The columns as if the held card stood at its target, so that the same steps apply to it. */
  #without(id: string, target: Position): Columns {
    const held = this.#parts.session.store.snapshot.arrangement.tasks.get(id)
    const { shown } = this.#parts
    if (held === undefined) return shown
    const without = {
      todo: shown.todo.filter((task) => task.id !== id),
      doing: shown.doing.filter((task) => task.id !== id),
      done: shown.done.filter((task) => task.id !== id),
    }
    return { ...without, [target.status]: without[target.status].toSpliced(target.index, 0, held) }
  }
}
