export interface NextStep {
  readonly text: string
  readonly reload: boolean
}

const STEPS: { readonly [code: string]: NextStep } = {
  STORAGE_FULL: {
    text: 'Nothing already saved is lost. Export your tasks, free some space on this device, then try again.',
    reload: false,
  },
  STORAGE_BLOCKED: { text: 'Close the other tabs of this app, then reload this one.', reload: true },
  STORAGE_VERSION_NEWER: { text: 'Another tab runs a newer version of this app. Reload to use the same one.', reload: true },
  STORAGE_UNAVAILABLE: { text: 'Allow site data for this page (private windows may forbid it), then reload.', reload: true },
  WORKER_UNAVAILABLE: { text: 'Your tasks are safe on this device.', reload: true },
  WORKER_FAILED: { text: 'Your tasks are safe on this device. Reloading starts the runtime anew.', reload: true },
  PROTOCOL_MISMATCH: { text: 'This tab and the runtime are of different versions. Reload to use the same one.', reload: true },
  RUNTIME_CLOSED: { text: 'Reload to connect again.', reload: true },
  EVENT_TOO_LARGE: { text: 'Shorten the notes of this task, or split it in two.', reload: false },
  INVITE_MALFORMED: { text: 'Ask for the link again and copy the whole of it.', reload: false },
}

const DEFAULT: NextStep = { text: 'Nothing already saved is lost. Try again; if it stays, reload the page.', reload: true }

/** What a person can do after a failure with this code. */
export function nextStep(code: string | undefined): NextStep {
  return STEPS[code ?? ''] ?? DEFAULT
}
