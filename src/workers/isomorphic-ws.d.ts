/** What a package of Holochain's client takes for the websocket of wherever it runs. Its own types are Node's, which workers must not know. */
type PlatformSocket = WebSocket
declare const PlatformSocket: typeof WebSocket
// oxlint-disable-next-line import/no-default-export -- it stands for a module that has nothing else
export default PlatformSocket
