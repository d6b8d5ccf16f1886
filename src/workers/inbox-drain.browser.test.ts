import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { Diagnostics } from '../runtime/diagnostics/diagnostics.js'
import { SpiceTimeError } from '../runtime/errors/spice-time-error.js'
import { openInbox } from '../runtime/page/inbox.js'
import type { Inbox } from '../runtime/page/inbox.js'
import { browserPlatform } from '../runtime/platform/browser.js'
import { InboxDrain } from './inbox-drain.js'
import { INBOX_STORE, inboxName, requestInbox, rowKey } from './inbox-rows.js'
import type { CallRequest } from './protocol.js'

let count = 0
const call = (number: number, page = 'page'): CallRequest => ({
  method: 'submitEvent',
  subject: [{ path: `me/tasks/${number}`, op: 'put', value: number }],
  options: { key: `${page}-${number}` },
})

describe('the inbox', () => {
  let name = ''
  let inbox: Inbox
  let told: string[] = []
  let made: CallRequest[] = []
  let refuse: (request: CallRequest) => Error | undefined = () => undefined
  const diagnostics = new Diagnostics(() => 0)
  diagnostics.subscribe((entry) => {
    if (entry.diagnostic.kind === 'background-failed') told.push(entry.diagnostic.code)
  })
  const makeDrain = (): InboxDrain =>
    new InboxDrain({
      name,
      platform: browserPlatform,
      diagnostics,
      run: async (request) => {
        made.push(request)
        await Promise.resolve()
        const error = refuse(request)
        if (error !== undefined) throw error
      },
    })
  const keysLeft = async (): Promise<IDBValidKey[]> => {
    const database = await opened(requestInbox(name))
    const keys = await opened(database.transaction(INBOX_STORE).objectStore(INBOX_STORE).getAllKeys())
    database.close()
    return keys
  }
  const numbers = (): unknown[] => made.map(({ options }) => options.key)

  beforeEach(() => {
    name = `inbox-test-${++count}`
    inbox = openInbox(name)
    told = []
    made = []
    refuse = () => undefined
  })
  afterEach(async () => {
    inbox.close()
    await opened(indexedDB.deleteDatabase(inboxName(name)))
  })

  it('hands over what a page kept, in order, as calls that may have been made before, and is empty then', async () => {
    inbox.keep([8, 9, 10, 11].map((number) => call(number)))
    await until(async () => (await keysLeft()).length === 4)
    const drain = makeDrain()
    await Promise.all([drain.drain(), drain.drain()])
    expect(numbers()).toEqual(['page-8', 'page-9', 'page-10', 'page-11'])
    expect(made.every(({ options }) => options.again === true)).toBe(true)
    expect(made[0]?.subject).toEqual(call(8).subject)
    expect(await keysLeft()).toEqual([])
    await drain.drain()
    expect(made.length).toBe(4)
    expect(told).toEqual([])
  })

  it('takes a call that is kept twice once, and forgets one that was answered after all', async () => {
    inbox.open()
    inbox.keep([call(1), call(2)])
    inbox.keep([call(1), call(2), call(3)])
    inbox.settled('page-2')
    inbox.settled('page-7')
    await until(async () => (await keysLeft()).length === 2)
    await makeDrain().drain()
    expect(numbers()).toEqual(['page-1', 'page-3'])
  })

  it('drops what is refused for good, and keeps what can’t be done now and all behind it', async () => {
    inbox.keep([1, 2, 3].map((number) => call(number)))
    await until(async () => (await keysLeft()).length === 3)
    refuse = ({ options }) => {
      if (options.key === 'page-1') return new SpiceTimeError('INPUT_MALFORMED', 'not like this')
      return options.key === 'page-2' ? new SpiceTimeError('STORAGE_FULL', 'no room') : undefined
    }
    const drain = makeDrain()
    await drain.drain()
    expect(numbers()).toEqual(['page-1', 'page-2'])
    expect(told).toEqual(['INPUT_MALFORMED', 'STORAGE_FULL'])
    refuse = () => undefined
    await drain.drain()
    expect(numbers()).toEqual(['page-1', 'page-2', 'page-2', 'page-3'])
    expect(await keysLeft()).toEqual([])
  })

  it('leaves rows of another format where they are, tells of them once, and goes on', async () => {
    inbox.keep([call(1), call(3)])
    await until(async () => (await keysLeft()).length === 2)
    const database = await opened(requestInbox(name))
    const calls = database.transaction(INBOX_STORE, 'readwrite').objectStore(INBOX_STORE)
    await opened(calls.put({ version: 2, something: 'else' }, rowKey('page-2')))
    database.close()
    const drain = makeDrain()
    await drain.drain()
    await drain.drain()
    expect(numbers()).toEqual(['page-1', 'page-3'])
    expect(told).toEqual(['PROTOCOL_MISMATCH'])
    expect(await keysLeft()).toEqual([['page', 2]])
  })

  it('keeps the rest when one call can’t be copied', async () => {
    const uncloneable: CallRequest = { ...call(1), subject: [() => undefined] }
    inbox.keep([uncloneable, call(2)])
    await until(async () => (await keysLeft()).length === 1)
    await makeDrain().drain()
    expect(numbers()).toEqual(['page-2'])
  })

  it('gets what a page wrote in its last moment', async () => {
    const frame = document.createElement('iframe')
    document.body.append(frame)
    const { contentWindow } = frame
    if (contentWindow === null) throw new Error('the frame has no window')
    const theirs = await opened(contentWindow.indexedDB.open(inboxName(name), 1), (database) => database.createObjectStore(INBOX_STORE))
    contentWindow.addEventListener('pagehide', () => {
      const transaction = theirs.transaction(INBOX_STORE, 'readwrite')
      transaction.objectStore(INBOX_STORE).put({ version: 1, request: call(1) }, rowKey('page-1'))
      transaction.commit()
    })
    frame.remove()
    const drain = makeDrain()
    await drain.drain()
    expect(numbers()).toEqual(['page-1'])
  })
})

function opened<T>(request: IDBRequest<T>, upgrade?: (result: T) => void): Promise<T> {
  return new Promise((resolve, reject) => {
    request.addEventListener('success', () => resolve(request.result))
    request.addEventListener('error', () => reject(request.error ?? new Error('failed')))
    if (upgrade !== undefined) request.addEventListener('upgradeneeded', () => upgrade(request.result))
  })
}

async function until(condition: () => Promise<boolean>): Promise<void> {
  while (!(await condition())) await new Promise((resolve) => setTimeout(resolve, 1))
}
