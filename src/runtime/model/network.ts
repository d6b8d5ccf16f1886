/** Where events go. Adding a network starts with a line here and one in `networks/registry.ts`. */
export const NETWORKS = ['local', 'holochain', 'ipfs', 'solana'] as const
export type Network = (typeof NETWORKS)[number]

/** What an event needs; the router turns it into networks. */
export const REQUIREMENTS = ['local', 'team', 'storage', 'consensus'] as const
export type Requirement = (typeof REQUIREMENTS)[number]

/**
 * How far an event got, lowest first. What each level means on a network is in that network's README
 * and in `docs/promises.md`; a level is only ever what the network itself gave.
 */
export const LEVELS = ['local', 'sent', 'shared', 'confirmed', 'final'] as const
export type Level = (typeof LEVELS)[number]

/** Position of a level in the order of `LEVELS`: 0 for `local`, 4 for `final`. */
export function levelRank(level: Level): number {
  return LEVELS.indexOf(level)
}

export function isNetwork(value: unknown): value is Network {
  return NETWORKS.some((network) => network === value)
}

export function isRequirement(value: unknown): value is Requirement {
  return REQUIREMENTS.some((requirement) => requirement === value)
}

export function isLevel(value: unknown): value is Level {
  return LEVELS.some((level) => level === value)
}
