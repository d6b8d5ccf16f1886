import '../runtime.worker.js'

// Told so, it hears nothing any more: no timer, no port, no lock.
new BroadcastChannel(`wedge-${String(Reflect.get(globalThis, 'name'))}`).onmessage = () => {
  const wedged = true
  while (wedged);
}
