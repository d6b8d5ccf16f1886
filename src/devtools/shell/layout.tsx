import type { RuntimeClient } from 'spicetime'
import { useEffect, useRef, useState } from 'preact/hooks'
import { clampWidth, loadPreferences, savePreferences } from './panel-preferences.js'
import { PanelHost } from './panel-host.js'
import { ResizeHandle } from './resize-handle.js'
import { NARROW, useWindowWidth } from './window-size.js'

interface LayoutProps {
  readonly runtime: RuntimeClient
  /** Draws the app into the element; the result takes it out again. */
  readonly mountApp: (element: HTMLElement, runtime: RuntimeClient) => () => void
}

/** The app, and beside it, or over it in a narrow window, the panel. Control and the key left of 1 open and close it. */
export function Layout({ runtime, mountApp }: LayoutProps) {
  const window = useWindowWidth()
  const narrow = window < NARROW
  const { open, width, setOpen, resize, rest } = usePanel(narrow, window)
  const focus = usePanelFocus(open)
  useToggleKey(() => {
    focus.follow()
    setOpen(!open)
  })
  const overlay = open && narrow
  const close = (): void => {
    focus.follow()
    setOpen(false)
  }
  return (
    <div class={overlay ? 'shell overlaid' : 'shell'} style={{ '--panel-width': `${width}px` }}>
      <App runtime={runtime} mountApp={mountApp} inert={overlay} />
      {open && !narrow ? <ResizeHandle width={width} window={window} onResize={resize} onRest={rest} /> : null}
      {open ? (
        <div
          class="shell-panel"
          aria-label="Runtime"
          role={overlay ? 'dialog' : 'complementary'}
          aria-modal={overlay}
          tabIndex={-1}
          ref={focus.panel}
          onKeyDown={(event) => {
            if (event.key === 'Escape' && overlay) close()
          }}
        >
          <header>
            <h2>Runtime</h2>
            <button type="button" class="shell-icon" title="Close the panel (Ctrl + `)" aria-label="Close the panel" onClick={close}>
              <CloseIcon />
            </button>
          </header>
          <PanelHost runtime={runtime} />
        </div>
      ) : (
        <button
          type="button"
          class="shell-open"
          title="Open the panel (Ctrl + `)"
          aria-label="Open the runtime panel"
          ref={focus.opener}
          onClick={() => {
            focus.follow()
            setOpen(true)
          }}
        >
          <PanelIcon />
          <span aria-hidden="true">Runtime</span>
        </button>
      )}
    </div>
  )
}

interface AppProps extends LayoutProps {
  readonly inert: boolean
}

function App({ runtime, mountApp, inert }: AppProps) {
  const element = useRef<HTMLElement>(null)
  useEffect(() => (element.current === null ? undefined : mountApp(element.current, runtime)), [runtime, mountApp])
  return <main class="shell-app" ref={element} inert={inert} />
}

interface PanelState {
  readonly open: boolean
  readonly width: number
  readonly setOpen: (open: boolean) => void
  readonly resize: (width: number) => void
  readonly rest: (width: number) => void
}

/** A wide window remembers whether the panel is open; a narrow one begins without it. */
function usePanel(narrow: boolean, window: number): PanelState {
  const [preferences, setPreferences] = useState(loadPreferences)
  const [overlaid, setOverlaid] = useState(false)
  const keep = (change: Partial<typeof preferences>): void => {
    const next = { ...preferences, ...change }
    setPreferences(next)
    savePreferences(next)
  }
  return {
    open: narrow ? overlaid : preferences.open,
    width: clampWidth(preferences.width, window),
    setOpen: (open) => (narrow ? setOverlaid(open) : keep({ open })),
    resize: (width) => setPreferences({ ...preferences, width }),
    rest: (width) => keep({ width }),
  }
}

/** After `follow`, focus goes where the panel went: into it when it opens, back to its button when it closes. */
function usePanelFocus(open: boolean) {
  const panel = useRef<HTMLDivElement>(null)
  const opener = useRef<HTMLButtonElement>(null)
  const wanted = useRef(false)
  useEffect(() => {
    if (wanted.current) (open ? panel : opener).current?.focus()
    wanted.current = false
  }, [open])
  return {
    panel,
    opener,
    follow: () => {
      wanted.current = true
    },
  }
}

function useToggleKey(toggle: () => void): void {
  const latest = useRef(toggle)
  latest.current = toggle
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent): void => {
      // By place, not by letter: on many keyboards the key left of 1 writes no backquote.
      if (event.code !== 'Backquote' || !event.ctrlKey || event.altKey || event.metaKey || event.shiftKey) return
      event.preventDefault()
      latest.current()
    }
    addEventListener('keydown', onKeyDown)
    return () => removeEventListener('keydown', onKeyDown)
  }, [])
}

function CloseIcon() {
  return (
    <svg viewBox="0 0 16 16" width="14" height="14" aria-hidden="true" fill="none" stroke="currentColor" stroke-width="1.5">
      <path d="m4 4 8 8m0-8-8 8" />
    </svg>
  )
}

function PanelIcon() {
  return (
    <svg viewBox="0 0 16 16" width="14" height="14" aria-hidden="true" fill="none" stroke="currentColor" stroke-width="1.4">
      <rect x="1.7" y="2.7" width="12.6" height="10.6" rx="1.5" />
      <path d="M9.7 2.7v10.6" />
    </svg>
  )
}
