import type { EventId, Trace } from 'spicetime'
import { useState } from 'preact/hooks'
import type { Tools } from '../tools.js'
import { EventLink } from '../ui/event-link.js'
import { count } from '../ui/format.js'
import { Section } from '../ui/parts.js'

/** Ids shown at first, and more on each request. */
const STEP = 12

/** What the event came after, and what came after it. */
export function Causality({ trace, openTrace }: { readonly trace: Trace } & Pick<Tools, 'openTrace'>) {
  return (
    <Section title="Causality">
      <dl class="facts">
        <Ids name="Parents" ids={trace.parents} none="none: the first event of its document" openTrace={openTrace} />
        <Ids name="Children" ids={trace.children} none="none yet" openTrace={openTrace} />
        <Ids
          name="Previous"
          ids={trace.previous === undefined ? [] : [trace.previous]}
          none="none: the author's first event in the space"
          openTrace={openTrace}
        />
      </dl>
    </Section>
  )
}

interface IdsProps extends Pick<Tools, 'openTrace'> {
  readonly name: string
  readonly ids: readonly EventId[]
  /** What is said when there are none. */
  readonly none: string
}

function Ids({ name, ids, none, openTrace }: IdsProps) {
  const [limit, setLimit] = useState(STEP)
  return (
    <div class="fact">
      <dt>{name}</dt>
      <dd class="ids">
        {ids.length === 0 ? <span class="quiet">{none}</span> : null}
        {ids.slice(0, limit).map((id) => (
          <EventLink key={id} id={id} onOpen={openTrace} />
        ))}
        {ids.length > limit ? (
          <button type="button" class="link" onClick={() => setLimit(limit + STEP * 4)}>
            {count(ids.length - limit)} more
          </button>
        ) : null}
      </dd>
    </div>
  )
}
