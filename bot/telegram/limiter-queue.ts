/** Who goes first when a chat is short of room: people who wait, then the team's topics, then all that can wait. */
export const callPriorities = ['user', 'relay', 'background', 'bulk'] as const
export type CallPriority = (typeof callPriorities)[number]
export type CallRank = 0 | 1 | 2 | 3

export const rankOf: Record<CallPriority, CallRank> = { user: 0, relay: 1, background: 2, bulk: 3 }

/** A call that waits for room. */
export interface WaitingCall {
  cost: number
  rank: CallRank
  proceed(): void
  refuse(error: Error): void
}

/** Calls in the order in which they may go: by rank, then first come, first served. */
export class CallQueue {
  private readonly ranks: [WaitingCall[], WaitingCall[], WaitingCall[], WaitingCall[]] = [[], [], [], []]
  length = 0

  add(call: WaitingCall, first: boolean): void {
    if (first) this.ranks[call.rank].unshift(call)
    else this.ranks[call.rank].push(call)
    this.length++
  }

  peek(): WaitingCall | undefined {
    for (const calls of this.ranks) if (calls.length > 0) return calls[0]
    return undefined
  }

  take(): WaitingCall | undefined {
    for (const calls of this.ranks) {
      if (calls.length === 0) continue
      this.length--
      return calls.shift()
    }
    return undefined
  }

  /** Whether a newcomer of this rank would overtake nobody. */
  isClearFor(rank: CallRank): boolean {
    if (this.length === 0) return true
    for (let index = 0; index <= rank; index++) if ((this.ranks[index]?.length ?? 0) > 0) return false
    return true
  }
}
