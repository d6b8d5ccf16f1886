import type { NetworkReport } from 'spicetime'
import { useState } from 'preact/hooks'
import type { Tools } from '../tools.js'
import { useStream } from '../ui/follow.js'
import { count, duration, fullTime, lamports, percent } from '../ui/format.js'
import { Empty, Fact, Failure, Tag } from '../ui/parts.js'
import type { Tone } from '../ui/parts.js'

const TONES: { readonly [state in NetworkReport['state']]: Tone } = {
  connected: 'good',
  connecting: 'plain',
  away: 'warn',
  'not-connected': 'plain',
}

/** Where events go, and how each of these networks is doing. */
export function NetworksView({ runtime }: Tools) {
  const { value, failure, retry } = useStream((signal) => runtime.watchNetworks({ signal }), 'networks')
  if (failure !== undefined) return <Failure error={failure} onRetry={retry} />
  if (value === undefined) return <Empty>Asking the runtime.</Empty>
  if (value.length === 0) return <Empty>No network has reported yet. Events stay on this device until one does.</Empty>
  return (
    <>
      <PullButton runtime={runtime} />
      {value.map((report) => (
        <Network key={report.network} report={report} />
      ))}
    </>
  )
}

function Network({ report }: { readonly report: NetworkReport }) {
  return (
    <section class="card" aria-label={report.network}>
      <header>
        <h3>{report.network}</h3>
        <Tag tone={TONES[report.state]}>{report.state.replace('-', ' ')}</Tag>
        <small>serves {report.requirements.join(', ') || 'nothing yet'}</small>
      </header>
      {report.reason === undefined ? null : <p class="reason">{report.reason}</p>}
      <dl class="figures">
        <Fact name="Queued">{count(report.queued)}</Fact>
        <Fact name="Delivered">{count(report.delivered)}</Fact>
        <Fact name="Latency">{report.latency === undefined ? 'not measured' : duration(report.latency)}</Fact>
        <Fact name="Success">{report.latency === undefined ? 'not measured' : percent(report.success)}</Fact>
        <Fact name="Spent today">{report.spentToday === 0 ? 'nothing' : lamports(report.spentToday)}</Fact>
        <Fact name="Since" wide>
          {report.since === 0 ? 'the start' : fullTime(report.since)}
        </Fact>
        {Object.entries(report.facts).map(([name, fact]) => (
          <Fact key={name} name={capitalized(name)} wide={typeof fact === 'string'}>
            {typeof fact === 'number' ? count(fact) : fact}
          </Fact>
        ))}
      </dl>
    </section>
  )
}

function capitalized(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1)
}

type Pull = { readonly kind: 'idle' | 'running' | 'done' } | { readonly kind: 'failed'; readonly error: unknown }

function PullButton({ runtime }: Pick<Tools, 'runtime'>) {
  const [pull, setPull] = useState<Pull>({ kind: 'idle' })
  const start = (): void => {
    setPull({ kind: 'running' })
    runtime.syncNetworks().then(
      () => setPull({ kind: 'done' }),
      (error: unknown) => setPull({ kind: 'failed', error }),
    )
  }
  return (
    <div class="bar">
      <button type="button" class="button" disabled={pull.kind === 'running'} onClick={start}>
        {pull.kind === 'running' ? 'Pulling' : 'Pull from every network now'}
      </button>
      <span role="status" class="quiet">
        {pull.kind === 'done' ? 'Pulled.' : ''}
      </span>
      {pull.kind === 'failed' ? <Failure error={pull.error} /> : null}
    </div>
  )
}
