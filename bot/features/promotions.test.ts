import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { expireBonus } from '#core/ledger/expire-bonus.ts'
import { postEntry } from '#core/ledger/post-entry.ts'
import { warnEndingBonus } from '#core/ledger/warn-ending-bonus.ts'
import { changeSetting } from '#core/settings/change-setting.ts'
import type { MessageView } from '#sandbox/telegram/control-types.ts'
import { type BotStage, eventually, startBotStage } from '#testing/bot-stage.ts'
import { grantPayment } from '#testing/payments/granted-payment.ts'

let stage: BotStage
beforeAll(async () => {
  stage = await startBotStage({ hasProducts: true, callbackDeadlineMs: 2_000 })
})
afterAll(() => stage.close())

const NOT_ALLOWED = "Your role doesn't allow this."

/** Writes and waits for the one thing that the bot says to it. */
async function ask(userId: number, text: string): Promise<MessageView> {
  const before = stage.saidTo(userId).length
  stage.world.sendText({ userId, text })
  return stage.world.waitFor(() => stage.saidTo(userId)[before])
}

/** Writes in the General part of the team's group and waits for the bot's words. */
async function tell(userId: number, text: string): Promise<MessageView> {
  const said = () =>
    stage.world.listMessages({ chatId: stage.groupId }).filter(({ author, threadId }) => author.isBot && !threadId)
  const before = said().length
  stage.world.sendText({ chatId: stage.groupId, userId, text })
  return stage.world.waitFor(() => said()[before])
}

const isHeard = (userId: number, text: string | RegExp) =>
  stage.world.waitForMessage({ chatId: userId, text, fromBot: true })

describe('a promo code', () => {
  test('is made by an admin in the group and redeemed by a user, once', async () => {
    const made = await tell(stage.owner.id, '/promo spring 50 uses=2 days=30 last=14 pass=1d')
    expect(made.text).toMatch(/^🎟 SPRING · 50 credits · for 14 days · ⏳ 1d · used 0 of 2 · 30d left\n/)
    expect(made.text).toContain('https://telegram.test/paydesk_bot?start=promo_SPRING')
    const { id } = await stage.newUser({ credits: 5 })
    const answer = await ask(id, '/redeem Spring')
    expect(answer.text).toMatch(
      /^🎟 SPRING is yours\.\n50 credits were added\. You have 55 now\.\nThey can be used until .*\.\n⏳ Your messages are free for 1d\.$/,
    )
    expect((await ask(id, '/redeem SPRING')).text).toBe('You have used that code already.')
    expect(await stage.accountOf(id)).toMatchObject({ paid: 5, bonus: 50 })
  })

  test('works by its link, also for somebody who has never been here', async () => {
    await tell(stage.owner.id, '/promo LINK 7')
    const { id } = stage.world.createUser({ firstName: 'Zoë' })
    expect((await ask(id, '/start promo_link')).text).toContain('Hello Zoë')
    await isHeard(id, '🎟 LINK is yours.\n7 credits were added. You have 7 now.')
    expect(await stage.prisma.user.findUniqueOrThrow({ where: { id: BigInt(id) } })).toMatchObject({
      source: 'promo_link',
    })
  })

  test('that does not work is refused with the reason', async () => {
    await tell(stage.owner.id, '/promo SINGLE 7 uses=1')
    await tell(stage.owner.id, '/promo QUIET 7')
    expect((await tell(stage.owner.id, '/promo quiet off')).text).toContain('QUIET is off')
    const [first, second] = [await stage.newUser(), await stage.newUser()]
    await ask(first.id, '/redeem SINGLE')
    expect((await ask(second.id, '/redeem')).text).toContain('/redeem SPRING')
    expect((await ask(second.id, '/redeem SINGLE')).text).toBe('That code has been used as often as it can be.')
    expect((await ask(second.id, '/redeem QUIET')).text).toBe('That code has ended.')
    expect((await ask(second.id, "/redeem ' OR 1=1")).text).toContain("I don't know that code")
    await stage.prisma.user.update({ where: { id: BigInt(second.id) }, data: { bannedAt: new Date() } })
    expect((await ask(second.id, '/redeem LINK')).text).toBe("You can't use codes here any more.")
  })

  test('cannot be guessed: the eleventh wrong one closes the door, over a restart too', async () => {
    const { id } = await stage.newUser()
    for (let i = 0; i < 10; i += 1) expect((await ask(id, `/redeem GUESS${i}`)).text).toContain("I don't know")
    await stage.settle()
    await stage.restart()
    expect((await ask(id, '/redeem LINK')).text).toBe('Too many wrong codes. Please try again in an hour.')
  })

  test.each(['viewer', 'agent', null] as const)('is no business of a %s', async (role) => {
    const member = await stage.newMember(role)
    expect((await tell(member.id, '/promo MINE 500')).text).toBe(NOT_ALLOWED)
    expect((await tell(member.id, '/promo LINK off')).text).toBe(NOT_ALLOWED)
    expect((await tell(member.id, '/promo')).text).toBe(NOT_ALLOWED)
    expect(await stage.prisma.promoCode.count({ where: { code: 'MINE' } })).toBe(0)
  })

  test('asked for in a topic is answered there with where to ask, and not taken for an answer', async () => {
    const { threadId, user } = await stage.newConversation()
    stage.world.sendText({ userId: stage.owner.id, chatId: stage.groupId, threadId, text: '/promo TOPIC 5' })
    await stage.world.waitForMessage({ chatId: stage.groupId, threadId, text: 'Send /promo in General.' })
    await stage.settle()
    expect(await stage.prisma.promoCode.count({ where: { code: 'TOPIC' } })).toBe(0)
    expect(await stage.messagesOf(user.id)).toHaveLength(1)
  })

  test.each([
    ['/promo AB 50', 'A code has 3 to 32'],
    ['/promo LINK 50', 'There is a code LINK already'],
    ['/promo NOTHING off', 'There is no code NOTHING'],
    ['/promo WORTH 0', 'Between 1 and 10,000 credits'],
    ['/promo WORTH pass=900d', 'at most a year'],
    ['/promo WORTH 5 uses=0', 'At least one person'],
    ['/promo WORTH 5 days=0', 'must end in the future'],
    ['/promo WORTH 5 last=0', 'at least a day'],
    ['/promo WORTH fifty', 'To make one: /promo'],
    ['/promo WORTH 5 uses=1 uses=2', 'To make one: /promo'],
    ['/promo WORTH 5 constructor=1', 'To make one: /promo'],
  ])('is not made by %s', async (text, answer) => {
    expect((await tell(stage.owner.id, text)).text).toContain(answer)
    expect(await stage.prisma.promoCode.count({ where: { code: 'WORTH' } })).toBe(0)
  })

  test('is found in the list, page by page, by admins alone', async () => {
    for (let i = 10; i < 22; i += 1) await tell(stage.owner.id, `/promo LIST${i} 5`)
    const list = await tell(stage.owner.id, '/promo')
    expect(list.text).toMatch(/^🎟 LIST21 · 5 credits · used 0×\n🎟 LIST20 /)
    const viewer = await stage.newMember('viewer')
    expect((await stage.tap(list, viewer.id, { label: 'Older ▶️' })).text).toBe(NOT_ALLOWED)
    await stage.tap(list, stage.owner.id, { label: 'Older ▶️' })
    await stage.world.waitFor(() =>
      stage.world.getMessage({ chatId: stage.groupId, messageId: list.messageId })?.text?.startsWith('🎟 LIST11'),
    )
  })
})

describe('bonus credits with an end', () => {
  const HOUR_MS = 3_600_000

  async function give(userId: number, credits: number, bonusExpiresAt: Date) {
    const facts = { userId: BigInt(userId), kind: 'gift', contra: 'promotions', actor: 'system' } as const
    const ref = `ending:${userId}`
    await stage.prisma.$transaction((tx) => postEntry(tx, { ...facts, ref, bonusDelta: credits, bonusExpiresAt }))
  }

  test('are announced before it and said goodbye to, and what was written in between is paid with them', async () => {
    const user = await stage.newUser({ credits: 20 })
    const endsAt = new Date(Date.now() + 40 * 24 * HOUR_MS)
    await give(user.id, 6, endsAt)
    await warnEndingBonus(stage.prisma, { days: 30, now: new Date(endsAt.getTime() - HOUR_MS) })
    await isHeard(user.id, /^⏳ 6 bonus credits end on \w+ \d+, \d{4}, .+\. They are used first when you write\.$/)
    stage.world.sendMedia({ userId: user.id, kind: 'voice' })
    await stage.settle()
    await expireBonus(stage.prisma, { now: endsAt })
    await isHeard(user.id, '1 bonus credit has ended. You have 20 credits now.')
    expect(await stage.accountOf(user.id)).toMatchObject({ paid: 20, bonus: 0 })
  })

  test('of a message that nobody could open come back, for ever if they had ended meanwhile', async () => {
    const user = await stage.newUser({ credits: 0 })
    await give(user.id, 6, new Date(Date.now() + HOUR_MS))
    stage.world.sendMedia({ userId: user.id, kind: 'voice' })
    await stage.settle()
    await expireBonus(stage.prisma, { now: new Date(Date.now() + 2 * HOUR_MS) })
    const [message] = await stage.messagesOf(user.id)
    await stage.prisma.messagePlace.deleteMany({ where: { messageId: message?.id ?? 0n } })
    await stage.prisma.$executeRaw`SELECT release_charges(ARRAY[${message?.id ?? 0n}::bigint])`
    await stage.prisma.message.update({ where: { id: message?.id ?? 0n }, data: { failure: 'gone' } })
    await expireBonus(stage.prisma, { now: new Date(Date.now() + 9 * HOUR_MS) })
    expect(await stage.accountOf(user.id)).toMatchObject({ bonus: 5 })
  })
})

describe('an invitation', () => {
  test('counts when somebody new comes by the link, and is rewarded with their first purchase', async () => {
    await changeSetting(stage.prisma, {
      key: 'referralCredits',
      value: { referrer: 9, referred: 4 },
      updatedBy: 'test',
    })
    await stage.restart()
    const inviter = await stage.newUser({ credits: 1 })
    const offer = await ask(inviter.id, '/invite')
    expect(offer.text).toContain('you get 9 credits')
    expect(offer.text).toContain('They get 4 credits')
    expect(offer.text).toContain('0 people have come')
    const payload = /\?start=(\S+)/.exec(offer.text ?? '')?.[1] ?? ''
    const friend = stage.world.createUser({ firstName: 'Bo' })
    await ask(friend.id, `/start ${payload}`)
    expect((await ask(inviter.id, '/invite')).text).toContain('1 person has come by your link, 0 of them')
    await grantPayment(stage.prisma, { userId: BigInt(friend.id) })
    await isHeard(inviter.id, /^🎁 Somebody you invited.* 9 credits are yours, you have 10 now\.$/)
    await isHeard(friend.id, '🎁 4 credits for having come by an invitation.')
    expect((await ask(inviter.id, '/invite')).text).toContain('1 of them bought something')
  })

  test('of oneself, of nobody, or of somebody who is here already is only a hello', async () => {
    const known = await stage.newUser()
    const code = (id: number) => id.toString(36)
    for (const link of [code(known.id), code(stage.owner.id), 'ref_', '---', 'zzzzzzzzzzzzz']) {
      expect((await ask(known.id, `/start ref_${link}`)).text).toContain('Hello Ann')
    }
    const user = await stage.prisma.user.findUniqueOrThrow({ where: { id: BigInt(known.id) } })
    expect(user.referredById).toBeNull()
  })
})

describe('what admins do in a topic', () => {
  const say = (open: Awaited<ReturnType<BotStage['newConversation']>>, text: string, userId = stage.owner.id) =>
    stage.world.sendText({ chatId: stage.groupId, threadId: open.threadId, userId, text })
  const inTopic = (threadId: number, text: string | RegExp) =>
    stage.world.waitForMessage({ chatId: stage.groupId, threadId, text, fromBot: true })

  test('sets a tier by hand, which the card shows, and gives it back to the rules', async () => {
    const open = await stage.newConversation()
    say(open, '/tier vip a friend of the house')
    await inTopic(open.threadId, 'VIP from now on, whatever is bought.')
    await stage.world.waitFor(() =>
      stage.world.getMessage({ chatId: stage.groupId, messageId: open.card.messageId })?.text?.includes('VIP'),
    )
    say(open, '/tier auto')
    await inTopic(open.threadId, 'The rules decide again: New.')
    say(open, '/tier king')
    await inTopic(open.threadId, '/tier new, /tier regular or /tier vip')
  })

  test('takes credits back with a reason that the user is told', async () => {
    const open = await stage.newConversation({ credits: 20 })
    say(open, '/take 15 was given twice')
    await inTopic(open.threadId, '15 credits were taken. 4 left.')
    await isHeard(open.user.id, 'The team corrected your balance by −15 credits: was given twice\nYou have 4 now.')
    say(open, '/take 5 once more')
    await inTopic(open.threadId, 'Nothing was taken: they hold 4.')
    say(open, '/take 3')
    await inTopic(open.threadId, 'Write how many and why')
  })

  test('tells the user as much of a long reason as one message holds', async () => {
    const open = await stage.newConversation({ credits: 20 })
    say(open, `/take 15 ${'because '.repeat(510)}`)
    await inTopic(open.threadId, '15 credits were taken. 4 left.')
    await isHeard(open.user.id, /^The team corrected your balance by −15 credits: because .*\nYou have 4 now\.$/)
  })

  test.each(['/tier vip', '/take 5 by mistake', '/lock 50', '/note@paydesk_bot likes tea'])(
    '%s outside of a topic is told where it belongs',
    async (text) => {
      const { message_id: afterMessageId } = stage.world.sendText({
        chatId: stage.groupId,
        userId: stage.owner.id,
        text,
      })
      await stage.world.waitForMessage({ chatId: stage.groupId, text: "Send this in a user's topic.", afterMessageId })
    },
  )

  test('is not for agents, and never reaches the user', async () => {
    const open = await stage.newConversation({ credits: 20 })
    const agent = await stage.newMember('agent')
    say(open, '/take 5 for me', agent.id)
    say(open, '/tier vip', agent.id)
    await eventually(
      () => stage.inTopic(open.threadId).filter(({ text }) => text === NOT_ALLOWED),
      (refusals) => refusals.length === 2,
    )
    await stage.settle()
    expect(await stage.accountOf(open.user.id)).toMatchObject({ paid: 19 })
    expect(stage.saidTo(open.user.id).some(({ text }) => text?.includes('/t'))).toBe(false)
  })
})
