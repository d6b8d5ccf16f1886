import type { Diagnostic, DiagnosticEntry } from 'spicetime'
import { useEffect, useRef, useState } from 'preact/hooks'
import type { Tools } from '../tools.js'
import { EventLink } from '../ui/event-link.js'
import { follow } from '../ui/follow.js'
import { clockTime, count, fullTime, policyText, shortPath } from '../ui/format.js'
import { Empty, Failure, Tag } from '../ui/parts.js'
import type { Tone } from '../ui/parts.js'

type Kind = Diagnostic['kind']

const TONES: { readonly [kind in Kind]: Tone } = {
  'event-applied': 'plain',
  'event-waiting': 'warn',
  'event-refused': 'bad',
  'event-quarantined': 'bad',
  'batch-refused': 'bad',
  'events-superseded': 'plain',
  'decision-made': 'plain',
  'delivery-moved': 'plain',
  'network-changed': 'plain',
  'policy-defined': 'plain',
  'record-damaged': 'bad',
  'snapshot-taken': 'good',
  'snapshot-published': 'plain',
  'snapshot-refused': 'bad',
  'client-gone': 'plain',
  'background-failed': 'bad',
}

const KINDS = Object.keys(TONES).filter((name): name is Kind => name in TONES)
/** Entries kept and shown; the newest win. */
const MAX_ENTRIES = 300

/** What the runtime did and why, as it happens. */
export function DiagnosticsView(tools: Tools) {
  const [kind, setKind] = useState<Kind | 'all'>('all')
  const [paused, setPaused] = useState(false)
  const { entries, held, failure, retry } = useFeed(tools.runtime, paused)
  const shown = entries.filter(({ diagnostic }) => kind === 'all' || diagnostic.kind === kind)
  return (
    <>
      <div class="bar">
        <label>
          <span class="quiet">Kind</span>
          <select value={kind} onChange={({ currentTarget }) => setKind(KINDS.find((name) => name === currentTarget.value) ?? 'all')}>
            <option value="all">all</option>
            {KINDS.map((name) => (
              <option key={name} value={name}>
                {name}
              </option>
            ))}
          </select>
        </label>
        <button type="button" class="button" aria-pressed={paused} onClick={() => setPaused(!paused)}>
          {paused ? 'Go on' : 'Pause'}
        </button>
        <span class="quiet" role="status">
          {paused ? `${count(held)} since the pause` : ''}
        </span>
      </div>
      {failure === undefined ? null : <Failure error={failure} onRetry={retry} />}
      {shown.length === 0 ? (
        <Empty>{kind === 'all' ? 'Nothing has happened yet.' : 'None of this kind among the last entries.'}</Empty>
      ) : null}
      <ol class="list">
        {shown.map((entry) => (
          <Entry key={entry.number} entry={entry} openTrace={tools.openTrace} />
        ))}
      </ol>
    </>
  )
}

function Entry({ entry, openTrace }: { readonly entry: DiagnosticEntry } & Pick<Tools, 'openTrace'>) {
  const { diagnostic } = entry
  return (
    <li>
      <div class="line">
        <time class="mono quiet" title={fullTime(entry.at)}>
          {clockTime(entry.at)}
        </time>
        <Tag tone={TONES[diagnostic.kind]}>{diagnostic.kind}</Tag>
        {'event' in diagnostic && diagnostic.event !== undefined ? <EventLink id={diagnostic.event} onOpen={openTrace} /> : null}
        {'origin' in diagnostic ? (
          <span class="quiet push">{diagnostic.origin === 'own' ? 'own' : `from ${diagnostic.origin}`}</span>
        ) : null}
      </div>
      {diagnostic.kind === 'event-applied' ? (
        <div class="wrap mono" title={diagnostic.path}>
          {shortPath(diagnostic.path)}
        </div>
      ) : (
        <div class="wrap">{detailOf(diagnostic)}</div>
      )}
      <Refused diagnostic={diagnostic} />
    </li>
  )
}

/** Whose it was, and what the network calls what it came in. */
function Refused({ diagnostic }: Pick<DiagnosticEntry, 'diagnostic'>) {
  const { kind } = diagnostic
  if (kind !== 'event-refused' && kind !== 'event-quarantined' && kind !== 'batch-refused') return null
  const names = [
    ['author', diagnostic.author],
    ['in', kind === 'event-quarantined' ? undefined : diagnostic.reference],
  ] as const
  return names.map(([name, value]) =>
    value === undefined ? null : (
      <div key={name} class="wrap mono quiet">
        {name} {value}
      </div>
    ),
  )
}

function detailOf(diagnostic: Exclude<Diagnostic, { kind: 'event-applied' }>): string {
  switch (diagnostic.kind) {
    case 'event-waiting':
      return diagnostic.reason
    case 'event-refused':
    case 'event-quarantined':
      return `${diagnostic.code}: ${diagnostic.reason}`
    case 'batch-refused':
      return `${diagnostic.network}: ${diagnostic.reason}`
    case 'events-superseded':
      return `took the places of ${diagnostic.count} events`
    case 'decision-made':
      return diagnostic.networks.length === 0 ? 'no network can serve it now' : `to ${diagnostic.networks.join(', then ')}`
    case 'delivery-moved':
      return withReason(`${diagnostic.network}: ${diagnostic.phase}`, diagnostic.reason)
    case 'network-changed':
      return withReason(`${diagnostic.network}: ${diagnostic.state}`, diagnostic.reason)
    case 'policy-defined':
      return policyText(diagnostic.policy.prefer)
    case 'record-damaged':
      return withReason(diagnostic.key, diagnostic.reason)
    case 'snapshot-taken':
    case 'snapshot-published':
      return `${diagnostic.network}: ${count(diagnostic.events)} events of ${diagnostic.space} in ${count(diagnostic.bytes)} bytes, vouched for by ${diagnostic.author}`
    case 'snapshot-refused':
      return `${diagnostic.network}, ${diagnostic.space}: ${diagnostic.code}: ${diagnostic.reason}`
    case 'client-gone':
      return `A page is gone (${diagnostic.client}); what it held is free.`
    case 'background-failed':
      return `${diagnostic.task}: ${diagnostic.code}: ${diagnostic.reason}`
  }
}

function withReason(what: string, reason: string | undefined): string {
  return reason === undefined ? what : `${what}. ${reason}`
}

interface Feed {
  readonly entries: readonly DiagnosticEntry[]
  /** How many arrived while paused. */
  readonly held: number
  readonly failure: unknown
  readonly retry: () => void
}

/** Newest first. While paused, what arrives is held and shown afterwards. */
function useFeed(runtime: Tools['runtime'], paused: boolean): Feed {
  const [entries, setEntries] = useState<readonly DiagnosticEntry[]>([])
  const [held, setHeld] = useState<readonly DiagnosticEntry[]>([])
  const [failure, setFailure] = useState<unknown>()
  const [attempt, setAttempt] = useState(0)
  const pausedNow = useRef(paused)
  pausedNow.current = paused
  useEffect(() => {
    setEntries([])
    setFailure(undefined)
    return follow({
      open: (signal) => runtime.watchDiagnostics({ signal }),
      next: (arrived) => (pausedNow.current ? setHeld : setEntries)((last) => newest(arrived, last)),
      failed: setFailure,
    })
  }, [runtime, attempt])
  useEffect(() => {
    if (paused || held.length === 0) return
    setEntries((last) => newest([...held].reverse(), last))
    setHeld([])
  }, [paused])
  return { entries, held: held.length, failure, retry: () => setAttempt((n) => n + 1) }
}

/** `arrived` is oldest first, `last` newest first. */
function newest(arrived: readonly DiagnosticEntry[], last: readonly DiagnosticEntry[]): readonly DiagnosticEntry[] {
  return [...arrived.slice(-MAX_ENTRIES).reverse(), ...last].slice(0, MAX_ENTRIES)
}
