import { Component, createElement } from 'preact'
import type { FunctionComponent, VNode } from 'preact'

/** Draws a component again only when one of its properties is another one. */
export function memo<P extends object>(Inner: FunctionComponent<P>): new (props: P) => Component<P> {
  return class Memo extends Component<P> {
    override shouldComponentUpdate(next: Readonly<P>): boolean {
      return !same(this.props, next)
    }

    render(): VNode<P> {
      return createElement(Inner, this.props)
    }
  }
}

function same(a: object, b: object): boolean {
  const before: [string, unknown][] = Object.entries(a)
  const now = new Map<string, unknown>(Object.entries(b))
  return before.length === now.size && before.every(([key, value]) => now.get(key) === value)
}
