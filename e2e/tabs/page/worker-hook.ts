/** What the hook needs of a host. */
interface HookedHost {
  readonly generation: string
  readonly open: { readonly clients: number; readonly streams: number }
}

/** What a test may ask of the workers: `spin` works for some milliseconds, `wedge` never ends, `open` is answered. */
export interface HookQuestion {
  readonly ask: 'wedge' | 'spin' | 'open'
  /** Only the host of that generation is meant. */
  readonly generation: string
  readonly milliseconds?: number
}

/** Lets tests stop a worker and look into it. Added to the workers' scripts by the tests' build alone. */
export function hookWorker(host: HookedHost): void {
  const channel = new BroadcastChannel('tabs-hook')
  channel.onmessage = ({ data }: MessageEvent<HookQuestion>) => {
    if (data.generation !== host.generation) return
    if (data.ask === 'open') return channel.postMessage({ answer: host.open })
    const end = data.ask === 'wedge' ? Infinity : performance.now() + (data.milliseconds ?? 0)
    while (performance.now() < end);
  }
}
