import { useEffect, useState } from 'preact/hooks'

/** The document's `data-theme`, followed into the shadow root, whose styles can't see it; undefined leaves it to the system. */
export function useDocumentTheme(): string | undefined {
  const [theme, setTheme] = useState(current)
  useEffect(() => {
    const observer = new MutationObserver(() => setTheme(current()))
    observer.observe(document.documentElement, { attributes: true, attributeFilter: ['data-theme'] })
    setTheme(current())
    return () => observer.disconnect()
  }, [])
  return theme
}

function current(): string | undefined {
  return document.documentElement.dataset['theme']
}
