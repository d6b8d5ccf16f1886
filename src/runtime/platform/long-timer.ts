/** Longest delay that `setTimeout` keeps; a longer one would fire at once. */
const LONGEST_DELAY = 2 ** 31 - 1

/** `setTimeout` for any number of milliseconds; the returned function calls it off. */
export function startTimer(milliseconds: number, callback: () => void): () => void {
  let left = Math.max(0, milliseconds)
  const step = (): void => {
    const delay = Math.min(left, LONGEST_DELAY)
    left -= delay
    timer = setTimeout(left > 0 ? step : callback, delay)
  }
  let timer: ReturnType<typeof setTimeout>
  step()
  return () => clearTimeout(timer)
}
