/** What the platform tells of the device's storage; undefined where it does not. */
export interface StorageFacts {
  readonly usage: number | undefined
  readonly quota: number | undefined
}

export interface QuotaNumbers extends StorageFacts {
  /** Bytes that are still free; undefined where the platform does not tell. */
  readonly free: number | undefined
  /** 0 to 1. */
  readonly used: number | undefined
}

export function quotaNumbers({ usage, quota }: StorageFacts): QuotaNumbers {
  if (usage === undefined || quota === undefined || quota === 0) return { usage, quota, free: undefined, used: undefined }
  return { usage, quota, free: Math.max(0, quota - usage), used: Math.min(1, usage / quota) }
}
