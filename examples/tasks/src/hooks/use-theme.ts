import type { JSX } from 'preact'
import { useState } from 'preact/hooks'
import { recall, remember } from '../model/remembered.js'
import { AutoIcon, MoonIcon, SunIcon } from '../ui/icons.js'

export type Theme = 'auto' | 'light' | 'dark'

export const THEMES: readonly { readonly name: Theme; readonly label: string; readonly icon: () => JSX.Element }[] = [
  { name: 'auto', label: 'System theme', icon: AutoIcon },
  { name: 'light', label: 'Light theme', icon: SunIcon },
  { name: 'dark', label: 'Dark theme', icon: MoonIcon },
]

const KEY = 'tasks.theme'

/** Sets the page to the theme that was chosen here before. */
export function applyStoredTheme(): void {
  apply(storedTheme())
}

/** The theme of the page, and the way to change it for good. */
export function useTheme(): { readonly theme: Theme; readonly setTheme: (theme: Theme) => void } {
  const [theme, setTheme] = useState(storedTheme)
  return {
    theme,
    setTheme(next) {
      remember(KEY, next)
      apply(next)
      setTheme(next)
    },
  }
}

function apply(theme: Theme): void {
  document.documentElement.dataset['theme'] = theme
}

function storedTheme(): Theme {
  const stored = recall(KEY)
  return stored === 'light' || stored === 'dark' ? stored : 'auto'
}
