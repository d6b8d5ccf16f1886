import type { NetworkReport, PolicyName } from 'spicetime'
import { useState } from 'preact/hooks'
import type { Tools } from '../tools.js'
import { useChanges } from '../ui/diagnostics-feed.js'
import { useAnswer, useStream } from '../ui/follow.js'
import { bytes, count, duration, fullTime, lamports, percent, policyText } from '../ui/format.js'
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
      <PolicyBar runtime={runtime} />
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
        <Fact name="Spent today">{spent(report)}</Fact>
        {report.budget.bytes === undefined ? null : (
          <Fact name="Bytes">{`${bytes(report.bytesSpent)} of ${bytes(report.budget.bytes)}`}</Fact>
        )}
        {report.budget.requestsPerSecond === undefined ? null : (
          <Fact name="Requests">{`at most ${count(report.budget.requestsPerSecond)} a second`}</Fact>
        )}
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

function spent({ spentToday, budget: { lamportsPerDay } }: NetworkReport): string {
  const sum = spentToday === 0 ? 'nothing' : lamports(spentToday)
  return lamportsPerDay === undefined ? sum : `${sum} of ${lamports(lamportsPerDay)}`
}

const POLICIES: readonly PolicyName[] = ['balanced', 'cheap', 'fast']

/** By what networks are compared, whoever says so. */
function PolicyBar({ runtime }: Pick<Tools, 'runtime'>) {
  const { value, failure, retry } = useAnswer((signal) => runtime.policy({ signal }), 'policy')
  useChanges(runtime, { concerns: ({ kind }) => kind === 'policy-defined', changed: retry })
  const [refused, setRefused] = useState<unknown>()
  if (failure !== undefined) return <Failure error={failure} onRetry={retry} />
  if (value === undefined) return null
  const { prefer = 'balanced' } = value
  const choose = (name: PolicyName): void => void runtime.definePolicy({ ...value, prefer: name }).then(retry, setRefused)
  return (
    <div class="bar">
      <label>
        Routing policy
        <select
          value={typeof prefer === 'string' ? prefer : 'weights'}
          onChange={({ currentTarget }) => POLICIES.filter((name) => name === currentTarget.value).forEach(choose)}
        >
          {POLICIES.map((name) => (
            <option key={name}>{name}</option>
          ))}
          {typeof prefer === 'string' ? null : <option value="weights">{policyText(prefer)}</option>}
        </select>
      </label>
      {refused === undefined ? null : <Failure error={refused} />}
    </div>
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
