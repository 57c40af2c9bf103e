import type { ConversationData, VersionedState } from '@grammyjs/conversations'
import type { Context } from 'grammy'
import type { Prisma, PrismaClient } from '#prisma'

/** Raise it whenever a dialog's steps change: running dialogs of the old shape are then forgotten, not misread. */
const DIALOG_VERSION = 1

/** Keeps running dialogs in the database, so that a restart does not interrupt anybody. */
export function dialogStorage(prisma: PrismaClient) {
  return {
    type: 'key' as const,
    version: DIALOG_VERSION,
    getStorageKey,
    adapter: {
      async read(key: string): Promise<VersionedState<ConversationData> | undefined> {
        const row = await prisma.dialog.findUnique({ where: { key } })
        return (row?.state as VersionedState<ConversationData> | null) ?? undefined
      },
      async write(key: string, state: VersionedState<ConversationData>) {
        const value = state as unknown as Prisma.InputJsonValue
        await prisma.dialog.upsert({ where: { key }, create: { key, state: value }, update: { state: value } })
      },
      async delete(key: string) {
        await prisma.dialog.deleteMany({ where: { key } })
      },
    },
  }
}

/** One dialog per person and topic: two admins in one topic do not answer each other's questions. */
function getStorageKey(ctx: Context): string | undefined {
  if (!ctx.chatId || !ctx.from) return undefined
  // Replies in General carry a thread that is no topic's.
  const thread = (ctx.msg?.is_topic_message && ctx.msg.message_thread_id) || 0
  return `${ctx.chatId}:${thread}:${ctx.from.id}`
}
