import { useEffect, useState } from 'preact/hooks'

/** Below this the panel is an overlay, closed at first. CSS pixels. */
export const NARROW = 900

/** The window's width in CSS pixels. */
export function useWindowWidth(): number {
  const [width, setWidth] = useState(innerWidth)
  useEffect(() => {
    const onResize = (): void => setWidth(innerWidth)
    addEventListener('resize', onResize)
    return () => removeEventListener('resize', onResize)
  }, [])
  return width
}
