import { describe, expect, it } from 'vitest'
import { ManualPlatform, MANUAL_START } from './manual-platform.js'

describe('manual platform', () => {
  it('runs timers at their own time, in order, also those set by timers', () => {
    const platform = new ManualPlatform()
    const seen: [string, number][] = []
    const note = (name: string): void => void seen.push([name, platform.monotonic()])
    platform.after(20, () => note('late'))
    platform.after(10, () => {
      note('early')
      platform.after(5, () => note('nested'))
    })
    platform.advance(9)
    expect(seen).toEqual([])
    platform.advance(100)
    expect(seen).toEqual([
      ['early', 10],
      ['nested', 15],
      ['late', 20],
    ])
    expect(platform.now()).toBe(MANUAL_START + 109)
  })

  it('does not run a timer that was called off', () => {
    const platform = new ManualPlatform()
    const cancel = platform.after(1, () => expect.fail('it was called off'))
    cancel()
    platform.advance(10)
    expect(platform.timers).toBe(0)
  })

  it('lets promises go on between timers', async () => {
    const platform = new ManualPlatform()
    const seen: number[] = []
    const loop = async (): Promise<void> => {
      for (let count = 0; count < 3; count++) {
        await new Promise<void>((resolve) => void platform.after(10, resolve))
        seen.push(platform.monotonic())
      }
    }
    const done = loop()
    await platform.pass(30)
    await done
    expect(seen).toEqual([10, 20, 30])
  })

  it('gives the same bytes for the same seed and others for another', () => {
    const bytes = (seed: number): Uint8Array => new ManualPlatform({ seed }).randomBytes(16)
    expect(bytes(7)).toEqual(bytes(7))
    expect(bytes(7)).not.toEqual(bytes(8))
  })

  it('says so when a condition never holds', async () => {
    const platform = new ManualPlatform()
    await expect(platform.until(() => false, 10)).rejects.toThrow('did not hold')
  })
})
