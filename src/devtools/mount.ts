import { createElement, render } from 'preact'
import type { RuntimeClient } from 'spicetime'
import { Panel } from './panel.js'
import { STYLE } from './ui/style.js'

/**
 * Shows the devtools panel inside `element`, in a shadow root: it fills the element, and neither its styles nor the page's cross over.
 * It follows `prefers-color-scheme`, and `data-theme` (`light` or `dark`) on the document element. Returns the way to remove it again;
 * the runtime stays open.
 * @example
 * const unmount = mountDevtools(document.querySelector('#devtools'), await connect())
 */
export function mountDevtools(element: HTMLElement, runtime: RuntimeClient): () => void {
  // A shadow root can't be taken off its host again, so the host is ours.
  const host = document.createElement('div')
  host.dataset['spicetimeDevtools'] = ''
  host.style.cssText = 'display: block; height: 100%; min-width: 0'
  const root = host.attachShadow({ mode: 'open' })
  const style = document.createElement('style')
  style.textContent = STYLE
  const body = document.createElement('div')
  body.className = 'root'
  root.append(style, body)
  element.append(host)
  render(createElement(Panel, { runtime }), body)
  return () => {
    render(null, body)
    host.remove()
  }
}
