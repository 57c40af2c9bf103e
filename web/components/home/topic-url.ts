/**
 * The link to a forum topic (https://core.telegram.org/api/links#message-links); null without a topic. It lies beside the
 * bot's own chat, whose address the bot tells while it runs.
 */
export function topicUrl(
  { topicChatId, topicThreadId }: { topicChatId: bigint | null; topicThreadId: bigint | null },
  chatUrl: string | null,
): string | null {
  const chat = /^-100(\d+)$/.exec(String(topicChatId))?.[1]
  if (!chat || topicThreadId === null || chatUrl === null) return null
  return new URL(`c/${chat}/${topicThreadId}`, chatUrl).href
}
