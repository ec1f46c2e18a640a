/** What each key has taken of a good lately. It flows away evenly, a minute's worth within a minute. */
export interface Spending {
  add(key: string, amount: number): void
  /** What of it has not flowed away yet. */
  spent(key: string): number
  /** More than a minute's worth is spent. */
  isOver(key: string): boolean
  /** Seconds until it is not over any more; 0 where it is not. */
  secondsOver(key: string): number
}

/** `now`: milliseconds of a clock that never goes back. */
export function createSpending(perMinute: number, now: () => number = () => performance.now()): Spending {
  const accounts = new Map<string, { level: number; at: number }>()
  const spent = (key: string) => {
    const account = accounts.get(key)
    return account ? Math.max(0, account.level - ((now() - account.at) / 60_000) * perMinute) : 0
  }
  const forgetEmpty = () => {
    for (const key of accounts.keys()) if (spent(key) === 0) accounts.delete(key)
  }
  return {
    spent,
    add(key, amount) {
      if (accounts.size > 1000) forgetEmpty()
      accounts.set(key, { level: spent(key) + amount, at: now() })
    },
    isOver: (key) => spent(key) > perMinute,
    secondsOver: (key) => Math.max(0, Math.ceil(((spent(key) - perMinute) / perMinute) * 60)),
  }
}
