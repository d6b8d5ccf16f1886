import { short } from './figures.mjs'
import { withSource } from './solana/source.mjs'

const KEYS = 1_000

/**
 * A text typed key by key, merged before it is sent, beside an event for each key. Over real conductors.
 * @param {{ directory: string, report: import('./figures.mjs').Report }} options
 */
export async function measureTyping({ directory, report }) {
  const run = async (/** @type {typeof import('./holochain/typing.js')} */ { typing }) => await typing(directory, KEYS)
  const { unmerged, merged, events, milliseconds } = await withSource('../holochain/typing.ts', run)
  report.row('holochain: bytes for 1,000 keystrokes', short(merged), short(unmerged), `${(merged / unmerged).toFixed(3)}×`, '≤ 0.05×')
  report.row('holochain: events for 1,000 keystrokes', short(events), short(KEYS), `${(events / KEYS).toFixed(3)}×`, '')
  report.row('holochain: 1,000 keystrokes until another node holds them, ms', short(milliseconds), '', '', '')
}
