/** What a package of libp2p's types takes from undici, whose own types are Node's, which workers must not know. */
export type Dispatcher = never
export type Agent = never
