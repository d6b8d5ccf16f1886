import { useEffect, useState } from 'preact/hooks'
import { today } from '../model/due-date.js'

/** Today as `YYYY-MM-DD`, looked at again when the page comes back to the front and at midnight. */
export function useToday(): string {
  const [day, setDay] = useState(() => today())
  useEffect(() => {
    const look = (): void => setDay(today())
    const now = new Date()
    const midnight = new Date(now.getFullYear(), now.getMonth(), now.getDate() + 1)
    const timer = setTimeout(look, midnight.getTime() - now.getTime())
    document.addEventListener('visibilitychange', look)
    return () => {
      clearTimeout(timer)
      document.removeEventListener('visibilitychange', look)
    }
  }, [day])
  return day
}
