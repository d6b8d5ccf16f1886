import { toBase32 } from '../../codec/base32.js'
import type { EventId } from '../../model/event.js'
import type { Update } from '../provider.js'
import { formatCursor } from './pull-cursor.js'
import type { Marks } from './pull-cursor.js'
import type { Mark } from './zome-calls.js'

/** The events that one agent's batches brought. */
export interface AgentsEvents {
  readonly agent: Uint8Array
  readonly events: readonly EventId[]
}

/** A page of a space's pull. */
interface Page {
  readonly space: string
  /** How far the space was pulled before it. */
  readonly before: readonly Mark[]
  /** How far all spaces are pulled with it. */
  readonly reached: Marks
  readonly brought: readonly AgentsEvents[]
}

/**
 * Of one pull: the marks of agents of whom something found no room. They stay where they were, so that it is brought again, while the pull goes on with
 * all others: who fills this device's waiting room holds up himself alone.
 */
export class HeldMarks {
  readonly #held = new Map<string, Mark>()

  /** An update of the pull. Its cursor is asked for once what came before it was taken in. */
  update(news: Pick<Update, 'events' | 'receipts' | 'refused'>, page: Page): Update {
    const cursor = (): Update['cursor'] =>
      formatCursor(new Map([...page.reached].map(([space, marks]) => [space, this.kept(space, marks)])))
    return {
      ...news,
      retracted: [],
      get cursor() {
        return cursor()
      },
      cursorWithout: (leftOut) => {
        this.#hold(page, new Set(leftOut))
        return cursor()
      },
    }
  }

  /** The marks of a space, as far as all that they speak of is on this device. */
  kept(space: string, marks: readonly Mark[]): readonly Mark[] {
    return marks.map((mark) => this.#held.get(nameOf(space, mark.agent)) ?? mark)
  }

  #hold({ space, before, brought }: Page, leftOut: ReadonlySet<EventId>): void {
    for (const { agent, events } of brought) {
      const name = nameOf(space, agent)
      if (this.#held.has(name) || !events.some((event) => leftOut.has(event))) continue
      const text = toBase32(agent)
      this.#held.set(name, before.find((mark) => toBase32(mark.agent) === text) ?? { agent, next: 0, above: [] })
    }
  }
}

function nameOf(space: string, agent: Uint8Array): string {
  return `${space}/${toBase32(agent)}`
}
