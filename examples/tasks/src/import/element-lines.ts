/** Finds where the elements of a list start in JSON text that is known to be well formed. */
class Scanner {
  readonly #text: string
  readonly #key: string | undefined
  readonly #listDepth: number
  readonly #lines: number[] = []
  #at = 0
  #line = 1
  #depth = 0
  #name = ''
  #inList = false
  #expecting = false

  constructor(text: string, key: string | undefined) {
    this.#text = text
    this.#key = key
    this.#listDepth = key === undefined ? 1 : 2
  }

  scan(): readonly number[] {
    while (this.#at < this.#text.length) {
      if (this.#step(this.#text[this.#at] ?? '')) break
      this.#at += 1
    }
    return this.#lines
  }

  /** True at the end of the list. */
  #step(character: string): boolean {
    if (character === '\n') this.#line += 1
    else if (character === '"') this.#string()
    else if (character === '{' || character === '[') this.#open(character)
    else if (character === '}' || character === ']') return this.#close()
    else if (character === ',') this.#expecting = this.#atElement()
    else if (character !== ' ' && character !== '\t' && character !== '\r' && character !== ':') this.#value()
    return false
  }

  #string(): void {
    this.#value()
    const start = this.#at + 1
    let end = start
    while (end < this.#text.length && this.#text[end] !== '"') end += this.#text[end] === '\\' ? 2 : 1
    if (this.#depth === 1) this.#name = this.#text.slice(start, end)
    this.#at = end
  }

  #open(bracket: string): void {
    this.#value()
    this.#depth += 1
    const isList = bracket === '[' && this.#depth === this.#listDepth && (this.#key === undefined || this.#name === this.#key)
    if (!isList || this.#inList) return
    this.#inList = true
    this.#expecting = true
  }

  #close(): boolean {
    const ended = this.#atElement()
    this.#depth -= 1
    return ended
  }

  #value(): void {
    if (!this.#expecting || !this.#atElement()) return
    this.#expecting = false
    this.#lines.push(this.#line)
  }

  #atElement(): boolean {
    return this.#inList && this.#depth === this.#listDepth
  }
}

/**
 * The line, from 1, on which each element of a list starts.
 * @param key the list is the value of this key of the outermost map; without it the outermost value is the list
 */
export function elementLines(text: string, key: string | undefined): readonly number[] {
  return new Scanner(text, key).scan()
}
