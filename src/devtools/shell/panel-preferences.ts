/** What a person chose for the panel, kept for the next visit. */
export interface PanelPreferences {
  readonly open: boolean
  /** CSS pixels. */
  readonly width: number
}

const KEY = 'spicetime.panel'
export const MIN_WIDTH = 320
/** What the board keeps beside the panel. CSS pixels. */
const BOARD_WIDTH = 360
const DEFAULTS: PanelPreferences = { open: true, width: 440 }

/** What was kept, or the defaults: a page must open with whatever it finds. */
export function loadPreferences(): PanelPreferences {
  const stored: unknown = parse(read())
  if (typeof stored !== 'object' || stored === null) return DEFAULTS
  const open = 'open' in stored && typeof stored.open === 'boolean' ? stored.open : DEFAULTS.open
  const width = 'width' in stored && typeof stored.width === 'number' && Number.isFinite(stored.width) ? stored.width : DEFAULTS.width
  return { open, width: Math.max(MIN_WIDTH, width) }
}

export function savePreferences(preferences: PanelPreferences): void {
  try {
    localStorage.setItem(KEY, JSON.stringify(preferences))
  } catch {
    // The browser forbids or has no room for it: the choice holds for this visit alone.
  }
}

/** The widest that the panel may be in a window of this width. CSS pixels. */
export function maxWidth(window: number): number {
  return Math.max(MIN_WIDTH, window - BOARD_WIDTH)
}

export function clampWidth(width: number, window: number): number {
  return Math.round(Math.min(maxWidth(window), Math.max(MIN_WIDTH, width)))
}

function read(): string {
  try {
    return localStorage.getItem(KEY) ?? 'null'
  } catch {
    // The browser forbids local storage to this page.
    return 'null'
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    // Not ours, or cut short: as if nothing had been kept.
    return undefined
  }
}
