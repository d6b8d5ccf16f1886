/** Gives a card the focus. Its list scrolls to it by itself; its column comes into sight where the columns do not all fit. */
export function takeFocus(card: HTMLElement): void {
  card.focus({ preventScroll: true })
  card.closest('.column')?.scrollIntoView({ inline: 'nearest', block: 'nearest' })
}
