import type { Counters } from '../control-types.ts'

const maxChats = 10_000
const maxSources = 200_000

/** Counts of what the bot did, bounded in memory. */
export class CallCounters {
  private calls = 0
  private errors = 0
  private sends = 0
  private readonly byMethod = new Map<string, number>()
  private readonly byChat = new Map<number, number>()
  private readonly copies = new Map<string, number>()

  called(method: string, failed: boolean): void {
    this.calls++
    if (failed) this.errors++
    this.byMethod.set(method, (this.byMethod.get(method) ?? 0) + 1)
  }

  sent(chatId: number): void {
    this.sends++
    const count = this.byChat.get(chatId)
    if (count !== undefined || this.byChat.size < maxChats) this.byChat.set(chatId, (count ?? 0) + 1)
  }

  copied(fromChatId: number, messageId: number, toChatId: number): void {
    const key = `${fromChatId}:${messageId}>${toChatId}`
    const count = this.copies.get(key)
    if (count !== undefined || this.copies.size < maxSources) this.copies.set(key, (count ?? 0) + 1)
  }

  view(): Counters {
    return {
      calls: this.calls,
      errors: this.errors,
      byMethod: Object.fromEntries(this.byMethod),
      sends: this.sends,
      sendsByChat: Object.fromEntries(this.byChat),
      duplicateCopies: Object.fromEntries([...this.copies].filter(([, count]) => count > 1)),
    }
  }
}
