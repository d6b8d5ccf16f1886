import { isSpiceTimeError } from 'spicetime'

export interface NoticeAction {
  readonly label: string
  readonly run: () => void
}

/** A toast: `failure` ones stay until they are dismissed. */
export interface Notice {
  readonly id: number
  readonly kind: 'info' | 'failure'
  readonly text: string
  readonly code: string | undefined
  /** The runtime's own words, where `text` has others. */
  readonly detail: string | undefined
  readonly action: NoticeAction | undefined
}

export interface NoticesSnapshot {
  readonly notices: readonly Notice[]
  /** The latest words for the live region; `count` makes the same words be read again. */
  readonly spoken: { readonly text: string; readonly count: number }
}

const SHOWN_FOR = 5_000
/** Time enough to read it, decide and reach the button. */
const SHOWN_WITH_ACTION_FOR = 10_000
const AT_MOST = 4

/** What the board has to tell: toasts to see, words to hear. */
export class Notices {
  #snapshot: NoticesSnapshot = { notices: [], spoken: { text: '', count: 0 } }
  #count = 0
  readonly #listeners = new Set<() => void>()

  get snapshot(): NoticesSnapshot {
    return this.#snapshot
  }

  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  info(text: string, action?: NoticeAction): void {
    const id = this.#add({ kind: 'info', text, code: undefined, detail: undefined, action })
    setTimeout(() => this.dismiss(id), action === undefined ? SHOWN_FOR : SHOWN_WITH_ACTION_FOR)
  }

  /** Shows a failure with the runtime's own words and code; the same failure twice is shown once, and its button then does both. */
  failure(what: string, error: unknown, action?: NoticeAction): void {
    const { message, code } = describe(error)
    this.#fail({ text: `${what} ${message}`, code, detail: undefined, action })
  }

  /** Shows a failure of which the board knows better than the runtime what a person can do. */
  refusal(text: string, error: unknown): void {
    const { message, code } = describe(error)
    this.#fail({ text, code, detail: message, action: undefined })
  }

  /** For the live region only. */
  say(text: string): void {
    this.#change({ ...this.#snapshot, spoken: { text, count: this.#snapshot.spoken.count + 1 } })
  }

  dismiss(id: number): void {
    this.#change({ ...this.#snapshot, notices: this.#snapshot.notices.filter((notice) => notice.id !== id) })
  }

  #fail(failure: Omit<Notice, 'id' | 'kind'>): void {
    const before = this.#snapshot.notices.find((notice) => notice.text === failure.text)
    if (before !== undefined) this.dismiss(before.id)
    this.#add({ ...failure, kind: 'failure', action: both(before?.action, failure.action) })
  }

  #add(notice: Omit<Notice, 'id'>): number {
    const id = ++this.#count
    this.#change({ ...this.#snapshot, notices: [...this.#snapshot.notices, { ...notice, id }].slice(-AT_MOST) })
    return id
  }

  #change(snapshot: NoticesSnapshot): void {
    this.#snapshot = snapshot
    for (const listener of this.#listeners) listener()
  }
}

function both(first: NoticeAction | undefined, second: NoticeAction | undefined): NoticeAction | undefined {
  if (first === undefined || second === undefined) return second ?? first
  return {
    label: second.label,
    run() {
      first.run()
      second.run()
    },
  }
}

/** The words of an error for a person, and its code when it is the runtime's. */
export function describe(error: unknown): { readonly message: string; readonly code: string | undefined } {
  if (isSpiceTimeError(error)) return { message: error.message, code: error.code }
  return { message: error instanceof Error ? error.message : String(error), code: undefined }
}
