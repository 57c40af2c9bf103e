import type { PrismaClient } from '#prisma'

/** Telegram takes files of 50 MB from bots: https://core.telegram.org/bots/api#senddocument */
const MOST_BYTES = 40_000_000
const PAGE = 500

interface Export {
  userId: bigint
  now: Date
  mostBytes?: number
}

/**
 * Everything that is kept about a user, as one JSON document, piece by piece so that a long history needs no memory.
 * The newest messages come first; when they would make it too long, the rest is left out and the document says so.
 * What the team remarked among itself is not part of it.
 */
export async function* exportUserData(
  db: PrismaClient,
  { userId, now, mostBytes = MOST_BYTES }: Export,
): AsyncGenerator<Buffer> {
  let bytes = 0
  const write = (text: string) => {
    const piece = Buffer.from(text)
    bytes += piece.length
    return piece
  }
  yield write(`{\n"exportedAt": ${json(now)}`)
  for (const [name, read] of sections) yield write(`,\n${json(name)}: ${json(await read(db, userId))}`)
  yield write(',\n"ledger": [')
  let separator = '\n'
  for await (const entry of ledgerOf(db, userId)) {
    yield write(separator + json(entry))
    separator = ',\n'
  }
  yield write('\n],\n"messages": [')
  separator = '\n'
  let isCutShort = false
  for await (const message of messagesOf(db, userId)) {
    const text = separator + json(message)
    if (bytes + Buffer.byteLength(text) > mostBytes) {
      isCutShort = true
      break
    }
    yield write(text)
    separator = ',\n'
  }
  yield write(`\n],\n"olderMessagesLeftOut": ${isCutShort}\n}\n`)
}

type Section = (db: PrismaClient, userId: bigint) => Promise<unknown>

/** Short by nature: nobody buys so often that it would not fit. */
const sections: [name: string, read: Section][] = [
  ['profile', (db, id) => db.user.findUnique({ where: { id }, omit: { banReason: true } })],
  ['account', (db, userId) => db.account.findUnique({ where: { userId } })],
  ['orders', (db, userId) => db.order.findMany({ where: { userId }, omit: { token: true }, ...byTime })],
  ['payments', (db, userId) => db.payment.findMany({ where: { userId }, ...byTime })],
  ['refunds', (db, userId) => db.refund.findMany({ where: { payment: { userId } }, ...byTime })],
  ['disputes', (db, userId) => db.dispute.findMany({ where: { payment: { userId } }, orderBy: { openedAt: 'asc' } })],
  ['subscriptions', (db, userId) => db.subscription.findMany({ where: { userId }, ...byTime })],
  ['unlocks', (db, userId) => db.unlock.findMany({ where: { userId }, ...byTime })],
  ['promoCodes', (db, userId) => db.promoRedemption.findMany({ where: { userId }, ...byTime })],
  ['supportCases', (db, userId) => db.supportCase.findMany({ where: { userId }, ...byTime })],
  ['autoRecharge', (db, userId) => db.rechargePlan.findUnique({ where: { userId }, omit: { cardToken: true } })],
  ['autoRechargeConsents', (db, userId) => db.rechargeConsent.findMany({ where: { userId }, ...byTime })],
  ['autoRechargeAttempts', (db, userId) => db.rechargeAttempt.findMany({ where: { userId }, ...byTime })],
  ['messagesWaitingForCredits', (db, userId) => db.keptMessage.findMany({ where: { userId }, ...byTime })],
]

const byTime = { orderBy: { createdAt: 'asc' } } as const

async function* ledgerOf(db: PrismaClient, userId: bigint) {
  for (let last = 0; ; ) {
    const entries = await db.ledgerEntry.findMany({
      where: { userId, version: { gt: last } },
      orderBy: { version: 'asc' },
      take: PAGE,
    })
    yield* entries
    const end = entries.at(-1)
    if (!end || entries.length < PAGE) return
    last = end.version
  }
}

async function* messagesOf(db: PrismaClient, userId: bigint) {
  for (let before: bigint | undefined; ; ) {
    const messages = await db.message.findMany({
      where: { userId, ...(before !== undefined && { id: { lt: before } }) },
      omit: { authorId: true, topicChatId: true, topicMessageId: true },
      orderBy: { id: 'desc' },
      take: PAGE,
    })
    yield* messages
    const end = messages.at(-1)
    if (!end || messages.length < PAGE) return
    before = end.id
  }
}

/** Ids are longer than JSON's numbers can be trusted with, so they become text. */
function json(value: unknown): string {
  return JSON.stringify(value, (key, part: unknown) => {
    // That it was somebody of the team is theirs to know, who it was is not.
    if ((key === 'actor' || key === 'decidedBy') && typeof part === 'string') return part.replace(/^team:.*$/, 'team')
    return typeof part === 'bigint' ? String(part) : part
  })
}
