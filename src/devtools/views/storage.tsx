import type { Diagnostic, StorageReport } from 'spicetime'
import type { Tools } from '../tools.js'
import { useChanges } from '../ui/diagnostics-feed.js'
import { useAnswer } from '../ui/follow.js'
import { bytes, count, counted, percent } from '../ui/format.js'
import { Empty, Fact, Failure, Section, Tag } from '../ui/parts.js'

const MODES: { readonly [mode in StorageReport['mode']]: string } = {
  durable: 'The browser keeps this data until it is deleted by hand.',
  evictable:
    'The browser may delete this data when the disk runs short. Installing the app, or granting persistent storage, prevents that.',
  memory: 'Nothing is written to disk: all of it is gone when the last tab closes.',
}

/** More than a screen of rows tells nobody more. */
const MAX_DAMAGED = 100
const NEARLY_FULL = 0.8

/** How this device keeps events, how much of them, and what could not be read. */
export function StorageView({ runtime }: Tools) {
  const { value, failure, retry } = useAnswer((signal) => runtime.storage({ signal }), 'storage')
  useChanges(runtime, { concerns: storedSomething, changed: retry })
  if (failure !== undefined) return <Failure error={failure} onRetry={retry} />
  if (value === undefined) return <Empty>Asking the runtime.</Empty>
  return (
    <>
      <section class="card" aria-label="Storage">
        <header>
          <h3>Storage</h3>
          <Tag tone={value.mode === 'durable' ? 'good' : 'warn'}>{value.mode}</Tag>
        </header>
        <p class="reason">{MODES[value.mode]}</p>
        <dl class="figures">
          <Fact name="Events">{count(value.events)}</Fact>
          <Fact name="In use">{value.usage === undefined ? 'unknown' : bytes(value.usage)}</Fact>
          <Fact name="Quota">{value.quota === undefined ? 'unknown' : bytes(value.quota)}</Fact>
          <Fact name="Damaged">{count(value.damaged.length)}</Fact>
        </dl>
        <Usage report={value} />
      </section>
      <Damaged records={value.damaged} />
    </>
  )
}

function Usage({ report: { usage, quota } }: { readonly report: StorageReport }) {
  if (usage === undefined || quota === undefined || quota === 0) return null
  return (
    <div class="usage">
      <div
        class={usage > quota * NEARLY_FULL ? 'gauge high' : 'gauge'}
        role="meter"
        aria-label="Part of the quota in use"
        aria-valuemin={0}
        aria-valuemax={quota}
        aria-valuenow={usage}
        aria-valuetext={percent(usage / quota)}
      >
        <i style={{ width: `${(usage / quota) * 100}%` }} />
      </div>
      <span class="quiet">{percent(usage / quota)} of the quota</span>
    </div>
  )
}

function Damaged({ records }: { readonly records: StorageReport['damaged'] }) {
  if (records.length === 0) return <Empty>Every stored record could be read.</Empty>
  return (
    <Section title="Damaged records" note={count(records.length)}>
      <p class="reason">
        These records could not be read and are left out; everything else works. Networks that hold the same events bring them back.
      </p>
      <ul class="list">
        {records.slice(0, MAX_DAMAGED).map((record) => (
          <li key={record.key}>
            <span class="mono wrap">{record.key}</span>
            <span class="quiet">{record.reason}</span>
          </li>
        ))}
      </ul>
      {records.length > MAX_DAMAGED ? <Empty>{counted(records.length - MAX_DAMAGED, 'more record')} not shown.</Empty> : null}
    </Section>
  )
}

function storedSomething({ kind }: Diagnostic): boolean {
  return kind === 'event-applied' || kind === 'record-damaged'
}
