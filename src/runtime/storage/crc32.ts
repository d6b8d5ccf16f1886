/** Tables for eight bytes at a step ("slicing by 8"); the first 256 entries are the usual table. */
const TABLES = makeTables()

/**
 * CRC-32 (the one of zip and PNG) of `bytes[start, end)`.
 * @param initial The CRC of what comes before, to go on with; 0 to begin.
 */
export function crc32(bytes: Uint8Array, initial: number, [start, end]: readonly [number, number]): number {
  const tables = TABLES
  let crc = ~initial
  let at = start
  for (const last = end - 7; at < last; at += 8) {
    crc ^= byteAt(bytes, at) | (byteAt(bytes, at + 1) << 8) | (byteAt(bytes, at + 2) << 16) | (byteAt(bytes, at + 3) << 24)
    crc =
      tableAt(tables, 1792 + (crc & 255)) ^
      tableAt(tables, 1536 + ((crc >>> 8) & 255)) ^
      tableAt(tables, 1280 + ((crc >>> 16) & 255)) ^
      tableAt(tables, 1024 + (crc >>> 24)) ^
      tableAt(tables, 768 + byteAt(bytes, at + 4)) ^
      tableAt(tables, 512 + byteAt(bytes, at + 5)) ^
      tableAt(tables, 256 + byteAt(bytes, at + 6)) ^
      tableAt(tables, byteAt(bytes, at + 7))
  }
  for (; at < end; at++) crc = (crc >>> 8) ^ tableAt(tables, (crc ^ byteAt(bytes, at)) & 255)
  return ~crc >>> 0
}

function byteAt(bytes: Uint8Array, at: number): number {
  return bytes[at] ?? 0
}

function tableAt(tables: Int32Array, at: number): number {
  return tables[at] ?? 0
}

function makeTables(): Int32Array {
  const tables = new Int32Array(8 * 256)
  for (let byte = 0; byte < 256; byte++) {
    let crc = byte
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1
    tables[byte] = crc
  }
  for (let at = 256; at < tables.length; at++) {
    const before = tableAt(tables, at - 256)
    tables[at] = (before >>> 8) ^ tableAt(tables, before & 255)
  }
  return tables
}
