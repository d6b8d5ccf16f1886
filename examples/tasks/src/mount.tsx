import { render } from 'preact'
import type { RuntimeClient } from 'spicetime'
import { TaskApp } from './app.js'
import { applyStoredTheme } from './hooks/use-theme.js'
import './styles/styles.js'

/**
 * Draws the board into an element of a page that has a runtime already. The board fills the element; give that a height.
 * @returns takes the board out again; the runtime stays connected
 */
export function mountBoard(element: HTMLElement, runtime: RuntimeClient): () => void {
  applyStoredTheme()
  render(<TaskApp runtime={runtime} />, element)
  return () => render(null, element)
}
