type JsonMap = { readonly [key: string]: unknown }

/**
 * The cards of a Trello board's export with the names of their lists and members in place of ids; undefined for another file.
 */
export function trelloCards(board: JsonMap): readonly unknown[] | undefined {
  const { cards, lists, members } = board
  if (!Array.isArray(cards) || !Array.isArray(lists)) return undefined
  const listNames = namesById(lists, 'name')
  const memberNames = namesById(Array.isArray(members) ? members : [], 'fullName')
  return cards.map((card: unknown) => {
    if (!isMap(card)) return card
    const { id, name, desc, due, idList, idMembers } = card
    const people = Array.isArray(idMembers)
      ? idMembers.map((member) => memberNames.get(member) ?? '').filter((person) => person !== '')
      : []
    return { id, name, desc, due, list: listNames.get(idList) ?? '', members: people.join(', ') }
  })
}

function namesById(things: readonly unknown[], name: string): ReadonlyMap<unknown, string> {
  const names = new Map<unknown, string>()
  for (const thing of things) {
    const text = isMap(thing) ? thing[name] : undefined
    if (isMap(thing) && typeof text === 'string') names.set(thing['id'], text)
  }
  return names
}

function isMap(value: unknown): value is JsonMap {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
