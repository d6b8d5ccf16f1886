import type { Standing, Trace } from 'spicetime'
import type { Tools } from '../tools.js'
import { useChanges } from '../ui/diagnostics-feed.js'
import { CopyButton, EventLink } from '../ui/event-link.js'
import { useAnswer } from '../ui/follow.js'
import { bytes, hybridTime } from '../ui/format.js'
import { Empty, Fact, Failure, LevelMeter, Tag } from '../ui/parts.js'
import type { Tone } from '../ui/parts.js'
import { Causality } from './causality.js'
import { DecisionSection } from './decision.js'
import { Deliveries, Receipts } from './deliveries.js'

interface TraceProps extends Tools {
  readonly id: string | undefined
  readonly onBack: () => void
}

/** Everything that is known of one event, or a field to ask for one. */
export function TraceView({ id, onBack, ...tools }: TraceProps) {
  return (
    <>
      <div class="bar">
        {id === undefined ? null : (
          <button type="button" class="button" onClick={onBack}>
            Back
          </button>
        )}
        <IdField key={id ?? ''} onOpen={tools.openTrace} />
      </div>
      {id === undefined ? <Empty>Choose an event in the log, or paste its id here.</Empty> : <TraceOf key={id} id={id} {...tools} />}
    </>
  )
}

function IdField({ onOpen }: { readonly onOpen: (id: string) => void }) {
  return (
    <form
      class="grow"
      onSubmit={(event) => {
        event.preventDefault()
        const id = new FormData(event.currentTarget).get('id')
        if (typeof id === 'string' && id.trim() !== '') onOpen(id.trim())
      }}
    >
      <input
        class="field mono"
        name="id"
        placeholder="Trace an EventId"
        aria-label="EventId to trace"
        autocomplete="off"
        spellcheck={false}
      />
    </form>
  )
}

function TraceOf({ id, runtime, openTrace }: Tools & { readonly id: string }) {
  const { value, failure, retry } = useAnswer((signal) => runtime.trace(id, { signal }), id)
  useChanges(runtime, {
    concerns: (diagnostic) => 'event' in diagnostic && (diagnostic.event === id || diagnostic.kind === 'event-applied'),
    changed: retry,
  })
  if (failure !== undefined) return <Failure error={failure} onRetry={retry} />
  if (value === undefined) return <Empty>Asking the runtime.</Empty>
  return (
    <>
      <Heading trace={value} openTrace={openTrace} />
      <Causality trace={value} openTrace={openTrace} />
      <DecisionSection decision={value.decision} />
      <Deliveries trace={value} />
      <Receipts receipts={value.receipts} />
    </>
  )
}

function Heading({ trace, openTrace }: { readonly trace: Trace } & Pick<Tools, 'openTrace'>) {
  return (
    <section class="card" aria-label="Event">
      <header>
        <Tag>{trace.op}</Tag>
        <h3 class="mono wrap">{trace.path}</h3>
      </header>
      <StandingLine standing={trace.standing} openTrace={openTrace} />
      <dl class="facts">
        <Fact name="Id">
          <span class="mono wrap">{trace.id}</span> <CopyButton text={trace.id} />
        </Fact>
        <Fact name="Level">
          <LevelMeter level={trace.level} />
        </Fact>
        <Fact name="Needs">{trace.needs.join(' + ')}</Fact>
        <Fact name="Merges by">{trace.policy}</Fact>
        <Fact name="Author">
          <EventLink id={trace.author} />
        </Fact>
        <Fact name="Sequence">
          {trace.seq} in the author's chain, {trace.position > 0 ? `${trace.position} on this device` : 'not in the log of this device'}
        </Fact>
        <Fact name="Time">{hybridTime(trace.time)}</Fact>
        <Fact name="Size">
          {bytes(trace.bytes)}, {trace.space === 'me' ? 'never leaves this device' : trace.public ? 'public' : 'encrypted for the space'}
        </Fact>
      </dl>
    </section>
  )
}

const TONES: { readonly [kind in Standing['kind']]: Tone } = {
  applied: 'good',
  covered: 'plain',
  waiting: 'warn',
  rejected: 'bad',
  quarantined: 'bad',
}

function StandingLine({ standing, openTrace }: { readonly standing: Standing } & Pick<Tools, 'openTrace'>) {
  return (
    <div class="standing">
      <p>
        <Tag tone={TONES[standing.kind]}>{standing.kind}</Tag>{' '}
        {standing.kind === 'applied' ? 'It takes part in the state.' : standing.reason}
        {'code' in standing ? <code> {standing.code}</code> : null}
      </p>
      {standing.kind === 'waiting' && standing.missing.length > 0 ? (
        <p>
          Missing:{' '}
          {standing.missing.map((id) => (
            <EventLink key={id} id={id} onOpen={openTrace} />
          ))}
        </p>
      ) : null}
      {standing.kind === 'rejected' && standing.winner !== undefined ? (
        <p>
          Lost to <EventLink id={standing.winner} onOpen={openTrace} />
        </p>
      ) : null}
    </div>
  )
}
