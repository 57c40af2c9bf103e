import type { Db } from '#core/db.ts'

export interface Setup {
  groupConnected: boolean
  product: boolean
  message: boolean
  sale: boolean
}

interface Row {
  topic: boolean
  product: boolean
  message: boolean
  sale: boolean
}

/**
 * Which of the first steps are done. The bot knows whether it sees its group; a topic that was once created proves it
 * as well.
 */
export async function readSetup(db: Db, { groupSeen }: { groupSeen: boolean }): Promise<Setup> {
  const [row] = await db.$queryRaw<[Row]>`
    SELECT EXISTS (SELECT FROM conversations WHERE topic_chat_id IS NOT NULL) AS topic,
      EXISTS (SELECT FROM products WHERE active) AS product,
      EXISTS (SELECT FROM messages WHERE direction = 'in') AS message,
      EXISTS (SELECT FROM payments WHERE state = 'granted') AS sale`
  const { topic, ...steps } = row
  return { groupConnected: groupSeen || topic, ...steps }
}
