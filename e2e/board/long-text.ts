import type { Page } from '@playwright/test'

/** 300,000 letters in lines of a hundred: as one event far above 64 KiB. */
export const LONG_LINES = 3_000
export const LONG_TEXT = Array.from({ length: LONG_LINES }, (_, line) => `${line}`.padEnd(99, ' of the survey')).join('\n')
export const LAST_LINE = LONG_TEXT.slice(-99)

/** Pastes a text where the caret is, by the clipboard as a person does. */
export async function pasteText(page: Page, text: string): Promise<void> {
  await page.context().grantPermissions(['clipboard-read', 'clipboard-write'])
  await page.evaluate((words) => navigator.clipboard.writeText(words), text)
  await page.keyboard.press('Control+V')
}
