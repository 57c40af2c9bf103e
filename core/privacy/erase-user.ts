import { forfeitRef } from '#core/ledger/forfeit-ref.ts'
import { takeBack } from '#core/ledger/take-back.ts'
import { notify } from '#core/live/notify.ts'
import { enqueue } from '#core/outbox/enqueue.ts'
import { lanes, outboxPriority } from '#core/outbox/outbox-item.ts'
import { blankMessagesOf } from '#core/privacy/blank-messages.ts'
import { lockPlan } from '#core/recharge/lock-plan.ts'
import { switchOffRecharge } from '#core/recharge/switch-off-recharge.ts'
import type { Prisma, PrismaClient } from '#prisma'

type Tx = Prisma.TransactionClient

export type Erased =
  /** `forfeited`: credits that were left and are gone. */
  { status: 'erased'; forfeited: number } | { status: 'erased_before' } | { status: 'unknown' }

/** Everything small is written at once; a long history follows in parts. */
const TRANSACTION = { maxWait: 10_000, timeout: 30_000 } as const

/**
 * Forgets a person who asks for it. What they wrote, their names and the team's remarks go; what they bought and paid
 * stays under the bare id, for the books must add up. Credits and time that are left are forfeited and booked, what is
 * owed stays owed. Auto-recharge ends, and the customer at Stripe is deleted, which ends subscriptions there. A ban
 * stays. Safe to repeat: a repetition completes what was left half way.
 */
export async function eraseUser(db: PrismaClient, { userId, now }: { userId: bigint; now: Date }): Promise<Erased> {
  const erased = await db.$transaction((tx) => eraseAtOnce(tx, userId, now), TRANSACTION)
  if (erased.status === 'unknown') return erased
  // By themselves: a grant locks the order before its buyer.
  await db.order.updateMany({ where: { userId, state: 'open', expiresAt: { gt: now } }, data: { expiresAt: now } })
  await blankMessagesOf(db, { userId, until: now })
  return erased
}

async function eraseAtOnce(tx: Tx, userId: bigint, now: Date): Promise<Erased> {
  // The plan, the user, the account: the order that everybody keeps.
  const plan = await lockPlan(tx, { userId })
  await tx.$queryRaw`SELECT 1 FROM users WHERE id = ${userId} FOR NO KEY UPDATE`
  const user = await tx.user.findUnique({ where: { id: userId } })
  if (!user) return { status: 'unknown' }
  if (user.erasedAt) return { status: 'erased_before' }
  // Before the conversation, as every movement of credits does.
  await tx.$queryRaw`SELECT 1 FROM accounts WHERE user_id = ${userId} FOR UPDATE`
  if (plan) await forgetPlan(tx, userId)
  await forgetCustomers(tx, userId, user.stripeCustomerId)
  await forgetProfile(tx, userId, now)
  await forgetConversation(tx, userId, now)
  const forfeited = await forfeit(tx, userId, now)
  await forgetRest(tx, userId)
  await notify(tx, 'live')
  return { status: 'erased', forfeited }
}

async function forgetPlan(tx: Tx, userId: bigint): Promise<void> {
  await switchOffRecharge(tx, { userId, reason: 'erased' })
  const card = { paymentMethodId: null, cardFingerprint: null, cardBrand: null, cardLast4: null }
  await tx.rechargePlan.update({
    where: { userId },
    // Another number, lest the rail answers a later request with the customer that is being deleted.
    data: { ...card, cardToken: null, cardSessionId: null, cardAttempts: { increment: 1 } },
  })
}

async function forgetCustomers(tx: Tx, userId: bigint, customerId: string | null): Promise<void> {
  const paid = await tx.payment.findMany({
    where: { userId, customerId: { not: null } },
    distinct: ['customerId'],
    select: { customerId: true },
  })
  const all = new Set([customerId, ...paid.map((payment) => payment.customerId)].filter((id) => id !== null))
  await tx.customerDeletion.createMany({ data: [...all].map((id) => ({ customerId: id })), skipDuplicates: true })
}

async function forgetProfile(tx: Tx, userId: bigint, now: Date): Promise<void> {
  await tx.user.update({
    where: { id: userId },
    data: {
      firstName: '',
      lastName: null,
      username: null,
      languageCode: null,
      source: null,
      banReason: null,
      stripeCustomerId: null,
      erasedAt: now,
    },
  })
}

/** Books what is left as gone. Debt stays: whoever spent what was paid back owes it still. */
async function forfeit(tx: Tx, userId: bigint, now: Date): Promise<number> {
  const account = await tx.account.findUnique({ where: { userId } })
  if (!account) return 0
  const { paid, bonus, passUntil } = account
  const passSeconds = Math.max(0, Math.ceil(((passUntil?.getTime() ?? 0) - now.getTime()) / 1000))
  // What was left of them goes with the rest, so nothing of them ends when their time is up.
  await tx.bonusLot.deleteMany({ where: { userId, expiredAt: null } })
  if (paid + bonus + passSeconds === 0) return 0
  await takeBack(tx, {
    userId,
    kind: 'adjustment',
    ref: `${forfeitRef(userId)}${now.getTime()}`,
    paid,
    bonus,
    passSeconds,
    owes: false,
    contra: 'corrections',
    actor: 'user',
    reason: 'Forfeited when the account was deleted',
  })
  return paid + bonus
}

async function forgetConversation(tx: Tx, userId: bigint, now: Date): Promise<void> {
  const conversation = await tx.conversation.findUnique({ where: { userId } })
  if (!conversation) return
  await forgetWhatIsOwed(tx, userId)
  await tx.conversation.update({
    where: { userId },
    data: {
      topicState: 'none',
      topicChatId: null,
      topicThreadId: null,
      topicRetryAt: null,
      topicError: null,
      topicTitle: null,
      topicClosedAt: null,
      cardMessageId: null,
      cardPinnedAt: null,
      cardDirtyAt: null,
      receiptMessageId: null,
      unread: 0,
      preview: null,
      waitingSince: null,
      pinnedAt: null,
      hot: false,
      archivedAt: now,
      closedAt: now,
    },
  })
  const { topicChatId, topicThreadId, cardMessageId } = conversation
  if (topicChatId === null || topicThreadId === null) return
  await enqueue(tx, {
    lane: lanes.topic(userId),
    purpose: 'farewell',
    priority: outboxPriority.background,
    userId,
    payload: {
      chatId: Number(topicChatId),
      threadId: Number(topicThreadId),
      cardMessageId: cardMessageId === null ? null : Number(cardMessageId),
    },
  })
}

/**
 * What was not sent yet would show what is being forgotten, so it is never sent, and what it cost is given back before
 * the rest is forfeited. A row that is being sent ends by itself.
 */
async function forgetWhatIsOwed(tx: Tx, userId: bigint): Promise<void> {
  const own = [lanes.chat(userId), lanes.topic(userId), lanes.kept(userId)]
  const unsent = await tx.$queryRaw<{ id: bigint }[]>`
    SELECT jsonb_array_elements_text(payload::jsonb -> 'messageIds')::bigint AS id FROM outbox
    WHERE lane = ${lanes.topic(userId)} AND purpose = 'relay' AND state <> 'sending'`
  const ids = unsent.map(({ id }) => id)
  await tx.message.updateMany({ where: { id: { in: ids } }, data: { failure: 'The user asked to be forgotten' } })
  await tx.$executeRaw`SELECT release_charges(${ids}::bigint[])`
  await tx.outboxItem.deleteMany({ where: { lane: { in: own }, state: { not: 'sending' } } })
}

async function forgetRest(tx: Tx, userId: bigint): Promise<void> {
  await tx.note.deleteMany({ where: { userId } })
  await tx.keptMessage.deleteMany({ where: { userId } })
  await tx.billingLink.deleteMany({ where: { userId } })
  await tx.dataExport.deleteMany({ where: { userId } })
  await tx.supportCase.updateMany({ where: { userId }, data: { text: '' } })
  // Handled updates go by themselves within days; these would stay for longer.
  await tx.$executeRaw`UPDATE inbox SET payload = '{}' WHERE lane = ${String(userId)} AND dead_at IS NOT NULL`
}
