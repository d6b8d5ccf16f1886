/** What a person or thing is called by, in the words of various tools; the first that is there counts. */
const NAMES = ['displayName', 'fullName', 'name', 'login', 'username', 'title', 'value', 'emailAddress', 'email']

/** A JSON value as the text of a cell: names of people and things, lists with commas; '' for what can't be shown. */
export function jsonCell(value: unknown): string {
  if (value === null || value === undefined) return ''
  if (typeof value === 'string') return value
  if (typeof value === 'number' || typeof value === 'boolean') return String(value)
  if (Array.isArray(value)) {
    return value
      .map((each: unknown) => jsonCell(each))
      .filter((text) => text !== '')
      .join(', ')
  }
  const map = new Map<string, unknown>(Object.entries(value))
  for (const name of NAMES) {
    const text = map.get(name)
    if (typeof text === 'string' && text !== '') return text
  }
  return ''
}
