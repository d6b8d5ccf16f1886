/** What a package of Holochain's client takes for the websocket of wherever it runs. Its own types are Node's, which workers must not know. */
type PlatformSocket = WebSocket
declare const PlatformSocket: typeof WebSocket
export = PlatformSocket
