/** Most bytes of a piece of a snapshot, so that with what surrounds them its entry stays below the 512 KiB that every node holds it to. */
export const MAX_PIECE_BYTES = 480 * 1024
/** As every node holds a head to it. */
export const MAX_SNAPSHOT_PARTS = 256
