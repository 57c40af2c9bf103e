import { afterAll, beforeAll, expect, test } from 'vitest'
import { eraseUser } from '#core/privacy/erase-user.ts'
import { changeSetting } from '#core/settings/change-setting.ts'
import { startStripe } from '#sandbox/stripe/server.ts'
import type { MessageView } from '#sandbox/telegram/control-types.ts'
import { type BotStage, eventually, startBotStage } from '#testing/bot-stage.ts'
import { grantPayment } from '#testing/payments/granted-payment.ts'

let stripe: Awaited<ReturnType<typeof startStripe>>
let stage: BotStage

beforeAll(async () => {
  stripe = await startStripe({ apiKey: 'sk_test_x' })
  stage = await startBotStage({ hasProducts: true, stripeApiBase: stripe.url })
}, 60_000)
afterAll(async () => {
  await stage.close()
  await stripe.close()
})

const lastSaid = (userId: number, holds: (message: MessageView) => boolean) =>
  eventually(
    () => stage.saidTo(userId).findLast(holds),
    (message) => message !== undefined,
  ).then((message) => {
    if (!message) throw new Error('unreachable')
    return message
  })

const says = (text: RegExp) => (message: MessageView) => text.test(message.text ?? '')

test('who confirms is forgotten, their topic is put away without a name, and writing again starts afresh', async () => {
  const { user, threadId, card } = await stage.newConversation({ credits: 40 }, { firstName: 'Annabel' })
  stage.world.sendText({ userId: user.id, text: '/deleteme' })
  const question = await lastSaid(user.id, says(/Shall we forget you/))
  expect(question.text).toContain('The 39 credits that you have left are lost.')
  await stage.tap(question, user.id, { label: '🗑 Delete everything' })
  await lastSaid(user.id, says(/You are forgotten/))
  await stage.settle()
  const topics = stage.world.listTopics({ chatId: stage.groupId })
  expect(topics.find((topic) => topic.threadId === threadId)).toMatchObject({
    name: `👤 ${user.id} (${user.id})`,
    closed: true,
  })
  const left = stage.world.listMessages({ chatId: stage.groupId, threadId })
  expect(left.map(({ messageId }) => messageId)).not.toContain(card.messageId)
  expect(await stage.accountOf(user.id)).toMatchObject({ paid: 0, bonus: 0 })
  expect(JSON.stringify(await stage.messagesOf(user.id), text)).not.toContain('hello')

  stage.world.sendText({ userId: user.id, text: 'me again' })
  await lastSaid(user.id, says(/credit/))
  await stage.settle()
  expect(await stage.prisma.user.findUnique({ where: { id: BigInt(user.id) } })).toMatchObject({
    firstName: 'Annabel',
    erasedAt: null,
  })
  expect(await stage.spendings(user.id)).toEqual([1])
})

test('a card that is too old to be deleted says nothing about who was forgotten', async () => {
  const { user, card } = await stage.newConversation({ credits: 40 }, { firstName: 'Annabel' })
  stage.world.advanceClock({ ms: 72 * 3_600_000 })
  stage.world.sendText({ userId: user.id, text: '/deleteme' })
  const question = await lastSaid(user.id, says(/Shall we forget you/))
  await stage.tap(question, user.id, { label: '🗑 Delete everything' })
  await lastSaid(user.id, says(/You are forgotten/))
  await stage.settle()
  const left = stage.world.getMessage({ chatId: stage.groupId, messageId: card.messageId })
  expect(left).toMatchObject({ text: '🗑 Asked to be forgotten' })
  expect(left?.buttons ?? []).toEqual([])
})

const text = (_key: string, value: unknown) => (typeof value === 'bigint' ? String(value) : value)

test('who keeps it, or finds the button long after, is not forgotten', async () => {
  const { id: userId } = await stage.newUser({ credits: 5 })
  stage.world.sendText({ userId, text: '/deleteme' })
  const question = await lastSaid(userId, says(/Shall we forget you/))
  await stage.tap(question, userId, { data: `e1:yes:${Math.floor(Date.now() / 1000) - 3_700}` })
  await stage.tap(question, userId, { data: 'e1:yes:999999999999' })
  await stage.settle()
  await stage.tap(question, userId, { label: 'Keep it' })
  await lastSaid(userId, says(/Nothing was deleted/))
  expect((await stage.accountOf(userId)).paid).toBe(5)
})

test('who was forgotten and asks about a payment is known again, and can be forgotten again', async () => {
  const user = await stage.newUser({ credits: 0 })
  const userId = BigInt(user.id)
  await grantPayment(stage.prisma, { userId })
  await stage.settle()
  await eraseUser(stage.prisma, { userId, now: new Date() })
  stage.world.sendText({ userId: user.id, text: '/paysupport' })
  const list = await lastSaid(user.id, says(/Which payment/))
  await stage.tap(list, user.id, { label: list.buttons?.flat()[0]?.text ?? '' })
  const question = await lastSaid(user.id, says(/What is wrong with/))
  stage.world.sendText({ userId: user.id, text: 'a secret', replyTo: question.messageId })
  await lastSaid(user.id, says(/the team has it/))
  expect(await stage.prisma.supportCase.count({ where: { userId, text: 'a secret' } })).toBe(1)
  stage.world.sendText({ userId: user.id, text: '/deleteme' })
  await lastSaid(user.id, says(/Shall we forget you/))
})

test('who asks for their data gets a file, and has to wait an hour for the next', async () => {
  const { user } = await stage.newConversation()
  stage.world.sendText({ userId: user.id, text: '/mydata' })
  const sent = await lastSaid(user.id, ({ media }) => media?.kind === 'document')
  expect(sent.text).toMatch(/Everything we keep about you/)
  const file = await fetch(new URL(sent.media?.path ?? '', stage.telegram.url))
  expect(await file.json()).toMatchObject({ profile: { id: String(user.id) }, ledger: [{}, {}], messages: [{}] })
  stage.world.sendText({ userId: user.id, text: '/mydata' })
  await lastSaid(user.id, says(/You can ask again in 60 minutes/))
  await stage.settle()
  expect(stage.saidTo(user.id).filter(({ media }) => media !== undefined)).toHaveLength(1)
})

test('privacy and terms say what the owner wrote, or a standard text', async () => {
  const { id: userId } = await stage.newUser()
  stage.world.sendText({ userId, text: '/privacy' })
  await lastSaid(userId, says(/Messages are kept until you ask us/))
  stage.world.sendText({ userId, text: '/terms' })
  await lastSaid(userId, says(/Credits have no value outside this chat/))
  await changeSetting(stage.prisma, { key: 'termsText', value: 'Be kind.', updatedBy: 'test' })
  await eventually(
    async () => {
      stage.world.sendText({ userId, text: '/terms' })
      await stage.settle()
      return stage.saidTo(userId).at(-1)?.text
    },
    (said) => said === 'Be kind.',
  )
})
