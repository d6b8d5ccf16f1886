import type { Level } from '../../model/network.js'
import type { ParsedSettings } from './settings.js'

/** How far an event got that this device's conductor has written and so many other nodes hold. */
export function levelOf(holders: number, { confirmedBy, finalBy }: Pick<ParsedSettings, 'confirmedBy' | 'finalBy'>): Level {
  if (holders >= finalBy) return 'final'
  if (holders >= confirmedBy) return 'confirmed'
  return holders > 0 ? 'shared' : 'sent'
}
