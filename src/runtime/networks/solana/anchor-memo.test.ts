import { describe, expect, test } from 'vitest'
import { anchorMemo, readAnchor } from './anchor-memo.js'
import { toBase94 } from './base94.js'

const secret = new Uint8Array(32).fill(7)
const cid = 'bafyreienw6zsed2w57alhgoxw2rerdj7zp43s3ehxliah4obrjt2pj66di'

describe('an anchor', () => {
  test('golden vector: this text must never change', async () => {
    expect(await anchorMemo(cid, secret)).toMatchInlineSnapshot(
      `"S2QSF!eUbN2::UafjTrmxRrp\`PK~o=GwlNIDP"yjw)-sB$h4>yPX:4Kd/ZoxTZo#2K\\^4g6C({nfA%U!*"`,
    )
  })

  test('comes back by who has the secret, and by nobody else', async () => {
    const text = await anchorMemo(cid, secret)
    expect(await readAnchor(text, secret)).toBe(cid)
    expect(await readAnchor(text, new Uint8Array(32).fill(8))).toBeUndefined()
    expect(text.length).toBeLessThan(90)
  })

  test('is nothing with any character changed, cut or added', async () => {
    const text = await anchorMemo(cid, secret)
    for (let at = 2; at < text.length; at++) {
      const other = text[at] === '!' ? '"' : '!'
      const changed = text.slice(0, at) + other + text.slice(at + 1)
      expect(await readAnchor(changed, secret).catch(() => undefined)).toBeUndefined()
    }
    await expect(readAnchor(text.slice(0, -2), secret)).rejects.toMatchObject({ code: 'EVENT_MALFORMED' })
    await expect(readAnchor(`S2${toBase94(new Uint8Array(65))}`, secret)).rejects.toMatchObject({ code: 'EVENT_MALFORMED' })
    await expect(readAnchor('S2', secret)).rejects.toMatchObject({ code: 'EVENT_MALFORMED' })
  })

  test('names lists alone', async () => {
    await expect(anchorMemo('bafkreifzjut3te7nhyekklss27nh3k72ysco7y32koao5eei66wof36n5e', secret)).rejects.toMatchObject({
      code: 'EVENT_MALFORMED',
    })
    await expect(anchorMemo('QmTzQ1', secret)).rejects.toMatchObject({ code: 'INPUT_MALFORMED' })
  })
})
