import { useRef } from 'preact/hooks'
import { clampWidth, maxWidth, MIN_WIDTH } from './panel-preferences.js'

interface ResizeHandleProps {
  /** CSS pixels. */
  readonly width: number
  readonly window: number
  /** While it is dragged. */
  readonly onResize: (width: number) => void
  /** Once it rests. */
  readonly onRest: (width: number) => void
}

const STEP = 16
const LONG_STEP = 96

/** The line between board and panel: drag it, or use the arrow keys (with Shift for longer steps), Home and End. */
export function ResizeHandle({ width, window, onResize, onRest }: ResizeHandleProps) {
  const grip = useRef<{ readonly x: number; readonly width: number } | undefined>(undefined)
  const dragged = (event: PointerEvent): number | undefined =>
    grip.current === undefined ? undefined : clampWidth(grip.current.width + grip.current.x - event.clientX, window)
  const onPointerDown = (event: PointerEvent): void => {
    if (event.button !== 0 || !(event.currentTarget instanceof HTMLElement)) return
    event.currentTarget.setPointerCapture(event.pointerId)
    grip.current = { x: event.clientX, width }
  }
  const onPointerMove = (event: PointerEvent): void => {
    const next = dragged(event)
    if (next !== undefined) onResize(next)
  }
  const onPointerUp = (event: PointerEvent): void => {
    const next = dragged(event)
    grip.current = undefined
    if (next !== undefined) onRest(next)
  }
  const onKeyDown = (event: KeyboardEvent): void => {
    const next = widthAfter(event, width, window)
    if (next === undefined) return
    event.preventDefault()
    onRest(clampWidth(next, window))
  }
  return (
    <div
      class="shell-handle"
      role="separator"
      tabIndex={0}
      aria-orientation="vertical"
      aria-label="Width of the panel"
      aria-valuemin={MIN_WIDTH}
      aria-valuemax={maxWidth(window)}
      aria-valuenow={width}
      onPointerDown={onPointerDown}
      onPointerMove={onPointerMove}
      onPointerUp={onPointerUp}
      onPointerCancel={onPointerUp}
      onKeyDown={onKeyDown}
    />
  )
}

function widthAfter({ key, shiftKey }: KeyboardEvent, width: number, window: number): number | undefined {
  const step = shiftKey ? LONG_STEP : STEP
  if (key === 'ArrowLeft') return width + step
  if (key === 'ArrowRight') return width - step
  if (key === 'Home') return maxWidth(window)
  return key === 'End' ? MIN_WIDTH : undefined
}
