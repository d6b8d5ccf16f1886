/** A worker for tests: begins an upgrade, changes everything in it, and never comes to its end. */
addEventListener('message', (event: MessageEvent<{ readonly name: string; readonly version: number }>) => {
  const { name, version } = event.data
  const request = indexedDB.open(name, version)
  request.onupgradeneeded = () => {
    const database = request.result
    for (const store of [...database.objectStoreNames]) database.deleteObjectStore(store)
    const added = database.createObjectStore('added')
    let rows = 0
    const goOn = (): void => {
      added.put('row', rows++).onsuccess = goOn
      if (rows === 20) postMessage('under way')
    }
    goOn()
  }
})
