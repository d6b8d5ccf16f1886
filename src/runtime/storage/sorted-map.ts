/**
 * A map from strings that can be walked in the order of its keys (by code unit).
 * Setting costs what a plain map costs; the order is brought up to date when a walk asks for it.
 */
export class SortedMap<Value> {
  readonly #values = new Map<string, Value>()
  /** Sorted; may still hold keys that were deleted. */
  #order: string[] = []
  #fresh: string[] = []

  get size(): number {
    return this.#values.size
  }

  has(key: string): boolean {
    return this.#values.has(key)
  }

  get(key: string): Value | undefined {
    return this.#values.get(key)
  }

  set(key: string, value: Value): void {
    if (!this.#values.has(key)) this.#fresh.push(key)
    this.#values.set(key, value)
  }

  delete(key: string): void {
    this.#values.delete(key)
  }

  /** In no particular order. */
  entries(): IterableIterator<[string, Value]> {
    return this.#values.entries()
  }

  /** Entries of `[from, to)`, last key first when `reverse`. The map must not change during the walk. */
  *walk(range: { readonly from: string; readonly to: string; readonly reverse?: boolean }): IterableIterator<[string, Value]> {
    const order = this.#settle()
    const first = lowerBound(order, range.from)
    const end = lowerBound(order, range.to)
    for (let step = 0; step < end - first; step++) {
      const key = order[range.reverse === true ? end - 1 - step : first + step]
      const value = key === undefined ? undefined : this.#values.get(key)
      if (key !== undefined && (value !== undefined || this.#values.has(key))) yield [key, value as Value]
    }
  }

  /** All keys in order. */
  keys(): readonly string[] {
    const order = this.#settle()
    return order.length === this.#values.size ? order : order.filter((key) => this.#values.has(key))
  }

  #settle(): string[] {
    const stale = this.#order.length + this.#fresh.length > 2 * this.#values.size + FEW
    if (stale) this.#order = [...this.#values.keys()].sort()
    else if (this.#fresh.length > FEW) this.#order = union(this.#order, this.#fresh.sort())
    else for (const key of this.#fresh) insert(this.#order, key)
    if (this.#fresh.length > 0) this.#fresh = []
    return this.#order
  }
}

/** Up to so many new keys are put in place one by one; beyond, two sorted lists are merged. */
const FEW = 8

/** Index of the first element that is not below `key`. */
export function lowerBound(sorted: readonly string[], key: string): number {
  let low = 0
  let high = sorted.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((sorted[middle] ?? '') < key) low = middle + 1
    else high = middle
  }
  return low
}

function insert(sorted: string[], key: string): void {
  const at = lowerBound(sorted, key)
  if (sorted[at] !== key) sorted.splice(at, 0, key)
}

function union(left: readonly string[], right: readonly string[]): string[] {
  const result: string[] = []
  let l = 0
  let r = 0
  while (l < left.length || r < right.length) {
    const a = left[l]
    const b = right[r]
    const next = b === undefined || (a !== undefined && a <= b) ? a : b
    if (next !== undefined && next !== result[result.length - 1]) result.push(next)
    if (next === a) l++
    else r++
  }
  return result
}
