import { defaultRangeExtractor, elementScroll, observeElementOffset, observeElementRect, Virtualizer } from '@tanstack/virtual-core'
import type { Range } from '@tanstack/virtual-core'
import { useLayoutEffect, useState } from 'preact/hooks'

interface Options {
  readonly count: number
  readonly keyOf: (index: number) => string
  readonly scroller: () => HTMLElement | null
  /** Pixels of a row that was not measured yet. */
  readonly estimate: number
  readonly gap: number
  /** A row that stays in the page wherever the list is scrolled to; -1 for none. */
  readonly keep: number
}

/** The rows of a long list that are in sight, with heights measured as they appear. */
export function useVirtual({ count, keyOf, scroller, estimate, gap, keep }: Options): Virtualizer<HTMLElement, HTMLElement> {
  const [, redraw] = useState<object>({})
  const options = {
    count,
    gap,
    getItemKey: keyOf,
    getScrollElement: scroller,
    estimateSize: () => estimate,
    overscan: 6,
    scrollPaddingStart: 4,
    scrollPaddingEnd: 12,
    rangeExtractor: (range: Range) => withKept(defaultRangeExtractor(range), keep < count ? keep : -1),
    scrollToFn: elementScroll,
    observeElementRect,
    observeElementOffset,
    onChange: () => redraw({}),
  }
  const [virtualizer] = useState(() => new Virtualizer<HTMLElement, HTMLElement>(options))
  virtualizer.setOptions(options)
  useLayoutEffect(() => virtualizer._didMount(), [virtualizer])
  useLayoutEffect(() => virtualizer._willUpdate())
  return virtualizer
}

/** The focused row must not vanish while the list is scrolled: the focus would fall to the page. */
function withKept(indexes: number[], keep: number): number[] {
  if (keep < 0 || indexes.includes(keep)) return indexes
  return [...indexes, keep].sort((a, b) => a - b)
}
