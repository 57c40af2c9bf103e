import type { MessagePart } from '#core/conversations/accept-messages.ts'
import { readKept } from '#core/kept-messages/kept-content.ts'
import type { Prisma, PrismaClient } from '#prisma'

/**
 * Takes over what a user changed in a message that is still kept: its newest state is what goes out. False when no such
 * message waits.
 */
export async function editKeptMessage(
  prisma: PrismaClient,
  { botId, userId, part, preview }: { botId: number; userId: bigint; part: MessagePart; preview: string },
): Promise<boolean> {
  return prisma.$transaction(async (tx) => {
    const kept = await tx.$queryRaw<{ id: bigint; content: unknown }[]>`
      SELECT id, content FROM kept_messages
      WHERE user_id = ${userId} AND bot_id = ${botId} AND ended_at IS NULL AND expires_at > now() ORDER BY id FOR UPDATE`
    for (const { id, content } of kept) {
      const message = readKept(content)
      const index = message.parts.findIndex(({ messageId }) => messageId === part.messageId)
      if (index === -1) continue
      const parts = message.parts.with(index, part)
      const changed = { ...message, parts, preview: index === 0 ? preview : message.preview }
      await tx.keptMessage.update({ where: { id }, data: { content: changed as unknown as Prisma.InputJsonValue } })
      return true
    }
    return false
  })
}
