import type { EventId, State } from 'spicetime'
import type { Tools } from '../tools.js'
import { EventLink } from '../ui/event-link.js'
import { useStream } from '../ui/follow.js'
import { clockTime, count, fullTime, shortId } from '../ui/format.js'
import { Empty, Fact, Failure, LevelMeter } from '../ui/parts.js'
import { Below, Branch } from '../ui/tree.js'
import { ValueNode } from './value-tree.js'

interface DocumentProps extends Tools {
  readonly path: string
  readonly label: string
  /** What a glance at the list should tell. */
  readonly note: string
}

const LEVEL = 3
const SHOWN_IDS = 6

/** A document: watched while it is open. */
export function DocumentNode({ label, note, ...props }: DocumentProps) {
  return (
    <Branch level={LEVEL} label={shortId(label)} title={label} note={note}>
      {() => <OpenDocument {...props} />}
    </Branch>
  )
}

function OpenDocument({ path, runtime, openTrace }: Omit<DocumentProps, 'label' | 'note'>) {
  const { value: state, failure, retry } = useStream((signal) => runtime.watchState(path, { signal }), path)
  if (failure !== undefined) {
    return (
      <Below level={LEVEL + 1}>
        <Failure error={failure} onRetry={retry} />
      </Below>
    )
  }
  if (state === undefined) {
    return (
      <Below level={LEVEL + 1}>
        <Empty>Reading.</Empty>
      </Below>
    )
  }
  return (
    <>
      <Below level={LEVEL + 1}>
        <Facts state={state} openTrace={openTrace} />
      </Below>
      {state.value === undefined ? (
        <Below level={LEVEL + 1}>
          <Empty>Removed: nothing is here now.</Empty>
        </Below>
      ) : (
        <ValueNode label="value" value={state.value} level={LEVEL + 1} open />
      )}
    </>
  )
}

function Facts({ state, openTrace }: { readonly state: State } & Pick<Tools, 'openTrace'>) {
  return (
    <dl class="facts">
      <Fact name="Level">
        <LevelMeter level={state.level} />
      </Fact>
      <Fact name="Updated">{state.updatedAt === 0 ? 'never' : fullTime(state.updatedAt)}</Fact>
      <Fact name="Heads">
        <Ids ids={state.heads} openTrace={openTrace} />
      </Fact>
      <Fact name="Pending">
        <Ids ids={state.pending} openTrace={openTrace} />
      </Fact>
      {Object.entries(state.networks).map(([network, { level, reference, at }]) => (
        <Fact key={network} name={network}>
          <LevelMeter level={level} /> <EventLink id={reference} />{' '}
          <time class="quiet" title={fullTime(at)}>
            {clockTime(at)}
          </time>
        </Fact>
      ))}
    </dl>
  )
}

function Ids({ ids, openTrace }: { readonly ids: readonly EventId[] } & Pick<Tools, 'openTrace'>) {
  if (ids.length === 0) return <span class="quiet">none</span>
  return (
    <span class="ids">
      {ids.slice(0, SHOWN_IDS).map((id) => (
        <EventLink key={id} id={id} onOpen={openTrace} />
      ))}
      {ids.length > SHOWN_IDS ? <span class="quiet">{count(ids.length - SHOWN_IDS)} more</span> : null}
    </span>
  )
}
