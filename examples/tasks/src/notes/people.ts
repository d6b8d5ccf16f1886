/** Somebody who has the same notes open. */
export interface Person {
  readonly client: number
  readonly name: string
  readonly color: string
}

/** Dark enough for white letters on them (4.5 to 1). */
const COLORS = ['#b3261e', '#8a5300', '#1f7144', '#00696e', '#1f5fbf', '#6a3fc4', '#a1307d', '#5b5e69'] as const
const MAX_NAME = 40

export function colorOf(client: number): string {
  return COLORS[client % COLORS.length] ?? COLORS[0]
}

/** The others in the notes. What they say of themselves comes from outside: anything odd is left out or cut short. */
export function peopleIn(states: ReadonlyMap<number, unknown>, me: number): readonly Person[] {
  const people: Person[] = []
  for (const [client, state] of states) {
    const user = isMap(state) && isMap(state['user']) ? state['user'] : undefined
    if (client === me || user === undefined) continue
    const name = typeof user['name'] === 'string' && user['name'].trim() !== '' ? user['name'].trim().slice(0, MAX_NAME) : 'Somebody'
    people.push({ client, name, color: colorOf(client) })
  }
  return people.sort((a, b) => a.name.localeCompare(b.name) || a.client - b.client)
}

function isMap(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null
}
