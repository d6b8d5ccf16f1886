const MARK = '#spicetime='

/** The invite in an address's fragment; undefined when there is none. */
export function inviteIn(hash: string): string | undefined {
  return hash.startsWith(MARK) ? hash : undefined
}

/** The address of this app with an invite as its fragment, which browsers never send to a server. */
export function inviteLink(fragment: string, address: string): string {
  const url = new URL(address)
  url.hash = fragment
  return url.href
}

/** Takes the fragment, which holds a key, out of the address bar and the history. */
export function clearFragment(): void {
  history.replaceState(history.state, '', location.pathname + location.search)
}
