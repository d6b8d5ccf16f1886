/** What this browser remembers between visits, such as the theme; undefined where it remembers nothing. */
export function recall(key: string): string | undefined {
  try {
    return localStorage.getItem(key) ?? undefined
  } catch {
    // Site data is blocked for this page: it works without, and begins anew each time.
    return undefined
  }
}

export function remember(key: string, value: string): void {
  try {
    localStorage.setItem(key, value)
  } catch {
    // As above: the choice holds for this visit.
  }
}
