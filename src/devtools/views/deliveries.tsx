import type { ChainOrder, DeliveryPhase, Receipt, Trace } from 'spicetime'
import { CopyButton } from '../ui/event-link.js'
import { counted, duration, fullTime, lamports, shortId } from '../ui/format.js'
import { Empty, LevelMeter, Section, Tag } from '../ui/parts.js'
import type { Tone } from '../ui/parts.js'

const TONES: { readonly [phase in DeliveryPhase]: Tone } = {
  queued: 'warn',
  sending: 'plain',
  delivered: 'good',
  refused: 'bad',
  expired: 'bad',
}

/** Where the event is on its way. */
export function Deliveries({ trace: { deliveries, needs } }: { readonly trace: Trace }) {
  return (
    <Section title="Deliveries">
      {deliveries.length === 0 ? (
        <Empty>{needs.every((need) => need === 'local') ? 'None: the event stays on this device.' : 'None yet.'}</Empty>
      ) : null}
      <ul class="list">
        {deliveries.map((delivery) => (
          <li key={`${delivery.requirement} ${delivery.network}`}>
            <div class="line">
              <strong>{delivery.network}</strong>
              <span class="quiet">for {delivery.requirement}</span>
              <Tag tone={TONES[delivery.phase]}>{delivery.phase}</Tag>
              {delivery.level === undefined ? null : <LevelMeter level={delivery.level} />}
            </div>
            {delivery.reason === undefined ? null : <div class="wrap">{delivery.reason}</div>}
            <div class="quiet">
              {counted(delivery.attempts, 'attempt')} since {fullTime(delivery.queuedAt)}
              {delivery.nextAttemptAt === undefined ? '' : `, next at ${fullTime(delivery.nextAttemptAt)}`}
            </div>
          </li>
        ))}
      </ul>
    </Section>
  )
}

/** What networks answered. */
export function Receipts({ receipts }: { readonly receipts: readonly Receipt[] }) {
  return (
    <Section title="Receipts">
      {receipts.length === 0 ? <Empty>No network has answered yet.</Empty> : null}
      <ul class="list">
        {receipts.map((receipt) => (
          <li key={`${receipt.network} ${receipt.reference} ${receipt.level}`}>
            <div class="line">
              <strong>{receipt.network}</strong>
              <LevelMeter level={receipt.level} />
              <span class="id">
                <span class="mono" title={receipt.reference}>
                  {shortId(receipt.reference)}
                </span>
                <CopyButton text={receipt.reference} />
              </span>
            </div>
            <div class="quiet">
              {fullTime(receipt.at)}, after {duration(receipt.latency)}, {lamports(receipt.cost)}
              {receipt.order === undefined ? '' : `, ${orderText(receipt.order)}`}
            </div>
          </li>
        ))}
      </ul>
    </Section>
  )
}

function orderText([slot, index, position]: ChainOrder): string {
  return `slot ${slot}, index ${index}, position ${position}`
}
