import { isStatus } from '../model/task.js'
import type { Position } from '../model/focus.js'

/** A card on the pointer, and where it would land: `index` counts the shown column without the card. */
export interface Lifted {
  readonly id: string
  readonly target: Position | undefined
  /** Pixels of the card, for the gap that opens for it. */
  readonly height: number
}

export interface DragHandlers {
  /** What is lifted now; undefined when the drag is over. */
  readonly onTarget: (lifted: Lifted | undefined) => void
  readonly onDrop: (id: string, target: Position) => void
}

interface Session {
  readonly id: string
  readonly card: HTMLElement
  readonly pointerId: number
  readonly startX: number
  readonly startY: number
  x: number
  y: number
  ghost: HTMLElement | undefined
  target: Position | undefined
  frame: number
  timer: ReturnType<typeof setTimeout> | undefined
}

const MOUSE_SLACK = 4
const TOUCH_SLACK = 10
const LONG_PRESS = 280
const EDGE = 56
const SCROLL_STEP = 14

/** Drags cards below `root` with any pointer: a mouse after a few pixels, a finger after a long press. */
export class Drag {
  readonly #root: HTMLElement
  readonly #handlers: DragHandlers
  #session: Session | undefined

  constructor(root: HTMLElement, handlers: DragHandlers) {
    this.#root = root
    this.#handlers = handlers
  }

  /** Listens until the returned undo is called. */
  attach(): () => void {
    const ended = new AbortController()
    const { signal } = ended
    this.#root.addEventListener('pointerdown', (event) => this.#down(event), { signal })
    document.addEventListener('pointermove', (event) => this.#move(event), { signal })
    document.addEventListener('pointerup', (event) => this.#up(event), { signal })
    document.addEventListener('pointercancel', () => this.#end(), { signal })
    document.addEventListener('keydown', (event) => this.#key(event), { signal, capture: true })
    // Once a card is held, the finger drags it and no longer scrolls.
    this.#root.addEventListener('touchmove', (event) => this.#hold(event), { signal, passive: false })
    this.#root.addEventListener('contextmenu', (event) => this.#hold(event), { signal })
    return () => {
      this.#end()
      ended.abort()
    }
  }

  #down(event: PointerEvent): void {
    if (event.button !== 0 || this.#session !== undefined || !(event.target instanceof Element)) return
    const card = event.target.closest('[data-task] .card')
    const id = card?.closest<HTMLElement>('[data-task]')?.dataset['task']
    if (!(card instanceof HTMLElement) || id === undefined) return
    const { clientX: x, clientY: y, pointerId } = event
    const session: Session = {
      id,
      card,
      pointerId,
      startX: x,
      startY: y,
      x,
      y,
      ghost: undefined,
      target: undefined,
      frame: 0,
      timer: undefined,
    }
    if (event.pointerType !== 'mouse') session.timer = setTimeout(() => this.#lift(session), LONG_PRESS)
    this.#session = session
  }

  #move(event: PointerEvent): void {
    const session = this.#session
    if (session === undefined || event.pointerId !== session.pointerId) return
    session.x = event.clientX
    session.y = event.clientY
    if (session.ghost !== undefined) {
      placeGhost(session)
      this.#aim(session)
      return
    }
    const far = Math.hypot(session.x - session.startX, session.y - session.startY)
    if (event.pointerType === 'mouse' && far > MOUSE_SLACK) this.#lift(session)
    else if (event.pointerType !== 'mouse' && far > TOUCH_SLACK) this.#end()
  }

  #up(event: PointerEvent): void {
    const session = this.#session
    if (session === undefined || event.pointerId !== session.pointerId) return
    const { id, target, ghost } = session
    this.#end()
    if (ghost === undefined) return
    // The click that follows would open the card.
    const swallow = (click: Event): void => click.stopPropagation()
    document.addEventListener('click', swallow, { capture: true, once: true })
    setTimeout(() => document.removeEventListener('click', swallow, { capture: true }))
    if (target !== undefined) this.#handlers.onDrop(id, target)
  }

  #key(event: KeyboardEvent): void {
    if (this.#session?.ghost === undefined || event.key !== 'Escape') return
    event.preventDefault()
    event.stopPropagation()
    this.#end()
  }

  #hold(event: Event): void {
    if (this.#session?.ghost !== undefined) event.preventDefault()
  }

  #lift(session: Session): void {
    if (this.#session !== session) return
    clearTimeout(session.timer)
    const box = session.card.getBoundingClientRect()
    const ghost = session.card.cloneNode(true)
    if (!(ghost instanceof HTMLElement)) return
    ghost.classList.add('card-ghost')
    ghost.removeAttribute('id')
    ghost.setAttribute('aria-hidden', 'true')
    Object.assign(ghost.style, { left: `${box.left}px`, top: `${box.top}px`, width: `${box.width}px` })
    document.body.append(ghost)
    document.documentElement.classList.add('dragging')
    getSelection()?.removeAllRanges()
    session.ghost = ghost
    placeGhost(session)
    this.#aim(session)
    session.frame = requestAnimationFrame(() => this.#scroll(session))
  }

  #aim(session: Session): void {
    const target = findTarget(this.#root, session)
    if (target?.status === session.target?.status && target?.index === session.target?.index) return
    session.target = target
    this.#handlers.onTarget({ id: session.id, target, height: session.card.offsetHeight })
  }

  /** Scrolls the list under the pointer near its edges, and the row of columns near its own. */
  #scroll(session: Session): void {
    if (this.#session !== session) return
    const list = columnAt(this.#root, session.x)?.querySelector<HTMLElement>('[data-scroller]')
    const moved = list === null || list === undefined ? 0 : edgeStep(session.y, list.getBoundingClientRect())
    list?.scrollBy(0, moved)
    const box = this.#root.getBoundingClientRect()
    const sideways = session.x < box.left + EDGE / 2 ? -SCROLL_STEP : session.x > box.right - EDGE / 2 ? SCROLL_STEP : 0
    this.#root.scrollBy(sideways, 0)
    if (moved !== 0 || sideways !== 0) this.#aim(session)
    session.frame = requestAnimationFrame(() => this.#scroll(session))
  }

  #end(): void {
    const session = this.#session
    if (session === undefined) return
    this.#session = undefined
    clearTimeout(session.timer)
    cancelAnimationFrame(session.frame)
    session.ghost?.remove()
    document.documentElement.classList.remove('dragging')
    if (session.ghost !== undefined) this.#handlers.onTarget(undefined)
  }
}

function placeGhost({ ghost, x, y, startX, startY }: Session): void {
  if (ghost !== undefined) ghost.style.transform = `translate(${x - startX}px, ${y - startY}px)`
}

function edgeStep(y: number, box: DOMRect): number {
  if (y < box.top + EDGE) return -SCROLL_STEP
  return y > box.bottom - EDGE ? SCROLL_STEP : 0
}

/** The column under `x`, or the nearest one. */
function columnAt(root: HTMLElement, x: number): HTMLElement | undefined {
  let nearest: HTMLElement | undefined
  let distance = Infinity
  for (const column of root.querySelectorAll<HTMLElement>('[data-column]')) {
    const box = column.getBoundingClientRect()
    const away = x < box.left ? box.left - x : x > box.right ? x - box.right : 0
    if (away < distance) {
      nearest = column
      distance = away
    }
  }
  return nearest
}

function findTarget(root: HTMLElement, { id, x, y }: Session): Position | undefined {
  const column = columnAt(root, x)
  const status = column?.dataset['column']
  if (column === undefined || !isStatus(status)) return undefined
  const rows = [...column.querySelectorAll<HTMLElement>('[data-task]')].map((row) => ({ row, index: Number(row.dataset['index']) }))
  const own = rows.find(({ row }) => row.dataset['task'] === id)?.index ?? Infinity
  const others = rows.filter(({ row }) => row.dataset['task'] !== id).sort((a, b) => a.index - b.index)
  const below = others.find(({ row }) => middleOf(row) > y)
  const last = others.at(-1)
  const index = below?.index ?? (last === undefined ? 0 : last.index + 1)
  return { status, index: own < index ? index - 1 : index }
}

function middleOf(row: HTMLElement): number {
  const box = row.getBoundingClientRect()
  return box.top + box.height / 2
}
