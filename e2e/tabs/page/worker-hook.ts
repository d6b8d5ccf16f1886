/** What the hook needs of a host. */
interface HookedHost {
  readonly generation: string
  readonly open: { readonly clients: number; readonly streams: number }
}

/** What a test may ask of the workers: `wedge` never ends, `grow` takes memory until there is none, `open` is answered. */
export interface HookQuestion {
  readonly ask: 'wedge' | 'grow' | 'open'
  /** Only the host of that generation is meant. */
  readonly generation: string
}

/** Lets tests stop a worker and look into it. Added to the workers' scripts by the tests' build alone. */
export function hookWorker(host: HookedHost): void {
  const channel = new BroadcastChannel('tabs-hook')
  channel.onmessage = ({ data }: MessageEvent<HookQuestion>) => {
    if (data.generation !== host.generation) return
    if (data.ask === 'open') return channel.postMessage({ answer: host.open })
    const held: unknown[] = []
    for (;;) if (data.ask === 'grow') held.push(Array.from<number>({ length: 500_000 }).fill(held.length + 0.5))
  }
}
