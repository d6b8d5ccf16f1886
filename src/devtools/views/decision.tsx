import type { Candidate, Decision, Leg } from 'spicetime'
import { duration, fullTime, lamports, percent, policyText } from '../ui/format.js'
import { Empty, Section, Tag } from '../ui/parts.js'

/** Why the router chose what it chose: each leg with every network that it looked at. */
export function DecisionSection({ decision }: { readonly decision: Decision | undefined }) {
  if (decision === undefined) {
    return (
      <Section title="Decision">
        <Empty>The router has not decided on this event.</Empty>
      </Section>
    )
  }
  return (
    <Section title="Decision" note={`${policyText(decision.policy)}, ${fullTime(decision.at)}`}>
      {decision.legs.length === 0 ? <Empty>No leg: the event needs no network.</Empty> : null}
      {decision.legs.map((leg, index) => (
        <LegCard key={index} leg={leg} number={index + 1} />
      ))}
    </Section>
  )
}

function LegCard({ leg, number }: { readonly leg: Leg; readonly number: number }) {
  return (
    <div class="leg">
      <p>
        <span class="quiet">Leg {number}</span> <strong>{leg.requirement}</strong> <span aria-hidden="true">→</span>{' '}
        {leg.network === undefined ? <Tag tone="warn">queued</Tag> : <strong>{leg.network}</strong>}
      </p>
      <p class="reason">{leg.reason}</p>
      <div class="scroll" tabIndex={0} role="group" aria-label={`Candidates of leg ${number}`}>
        <table>
          <thead>
            <tr>
              <th scope="col">Network</th>
              <th scope="col" class="number">
                Score
              </th>
              <th scope="col" class="number">
                Cost
              </th>
              <th scope="col" class="number">
                Latency
              </th>
              <th scope="col" class="number">
                Success
              </th>
            </tr>
          </thead>
          <tbody>
            {leg.candidates.map((candidate) => (
              <CandidateRow key={candidate.network} candidate={candidate} chosen={candidate.network === leg.network} />
            ))}
          </tbody>
        </table>
      </div>
    </div>
  )
}

function CandidateRow({ candidate, chosen }: { readonly candidate: Candidate; readonly chosen: boolean }) {
  const { network, ruledOut } = candidate
  if (ruledOut !== undefined) return <RuledOut candidate={candidate} reason={ruledOut} />
  return (
    <tr class={chosen ? 'chosen' : ''}>
      <th scope="row">
        {network}
        {chosen ? <small> chosen</small> : null}
      </th>
      <td class="number">{candidate.score === undefined ? '' : candidate.score.toFixed(3)}</td>
      <Figures candidate={candidate} />
    </tr>
  )
}

/** The reason may be long: it gets a line of its own. */
function RuledOut({ candidate, reason }: { readonly candidate: Candidate; readonly reason: string }) {
  return (
    <>
      <tr class="out told">
        <th scope="row">{candidate.network}</th>
        <td class="number">ruled out</td>
        <Figures candidate={candidate} />
      </tr>
      <tr class="out">
        <td colSpan={5}>{reason}</td>
      </tr>
    </>
  )
}

function Figures({ candidate: { cost, latency, success } }: { readonly candidate: Candidate }) {
  return (
    <>
      <td class="number">{lamports(cost)}</td>
      <td class="number">{duration(latency)}</td>
      <td class="number">{percent(success)}</td>
    </>
  )
}
