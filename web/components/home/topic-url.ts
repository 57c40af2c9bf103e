/** Telegram's own link to a forum topic (https://core.telegram.org/api/links#message-links); null without a topic. */
export function topicUrl({
  topicChatId,
  topicThreadId,
}: {
  topicChatId: bigint | null
  topicThreadId: bigint | null
}): string | null {
  const chat = /^-100(\d+)$/.exec(String(topicChatId))?.[1]
  return chat && topicThreadId !== null ? `https://t.me/c/${chat}/${topicThreadId}` : null
}
