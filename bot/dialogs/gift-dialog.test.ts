import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type BotStage, eventually, startBotStage } from '#testing/bot-stage.ts'

let stage: BotStage
beforeAll(async () => {
  stage = await startBotStage()
})
afterAll(() => stage.close())

type Open = Awaited<ReturnType<BotStage['newConversation']>>

const inTopic = ({ threadId }: Open, text: string | RegExp, afterMessageId?: number) =>
  stage.world.waitForMessage({ chatId: stage.groupId, threadId, text, fromBot: true, afterMessageId })
const say = ({ threadId }: Open, text: string, userId = stage.owner.id) =>
  stage.world.sendText({ userId, chatId: stage.groupId, threadId, text })
const giftsTo = async ({ user }: Open) => {
  const entries = await stage.prisma.ledgerEntry.findMany({
    where: { userId: BigInt(user.id), kind: 'gift', ref: { not: `start:${user.id}` } },
  })
  return entries.map(({ bonusDelta, reason, actor }) => [bonusDelta, reason, actor])
}
const actor = () => `team:${stage.owner.id}`

/** Taps the gift button and waits for the question. */
async function ask(open: Open, userId = stage.owner.id) {
  const last = stage.inTopic(open.threadId).at(-1)?.messageId
  await stage.tap(open.card, userId, { data: `t1:gift:${open.user.id}` })
  return inTopic(open, 'How many credits for Ann? Tap or type a number within 5 minutes;', last)
}

test('a preset and no reason: booked with an audit row, and both sides are told', async () => {
  const open = await stage.newConversation({ credits: 10 })
  const question = await ask(open)
  await stage.tap(question, stage.owner.id, { label: '25' })
  await inTopic(open, '25 credits for Ann. Why?')
  await stage.tap(question, stage.owner.id, { data: 'd1:skip' })
  const done = await inTopic(open, '🎁 Ann got 25 credits.')
  expect(done.messageId).toBe(question.messageId)
  await stage.world.waitForMessage({ chatId: open.user.id, text: 'You got 25 credits. You have 34 now.' })
  expect(await giftsTo(open)).toEqual([[25, 'Gift from the team', actor()]])
  const [audit] = await stage.prisma.auditEntry.findMany({ where: { target: `user:${open.user.id}` } })
  expect(audit).toMatchObject({ action: 'user.gift', actorId: BigInt(stage.owner.id), role: 'owner' })
})

test('a typed amount after wrong ones, and a typed reason; none of it reaches the user', async () => {
  const open = await stage.newConversation()
  await ask(open)
  for (const text of ['many', '0', '-5', '2.5', '10001']) {
    const { message_id } = say(open, text)
    await inTopic(open, 'A whole number from 1 to', message_id)
  }
  say(open, '7')
  await inTopic(open, '7 credits for Ann. Why?')
  say(open, 'sorry for the wait')
  await inTopic(open, '🎁 Ann got 7 credits.')
  await stage.settle()
  expect(await giftsTo(open)).toEqual([[7, 'sorry for the wait', actor()]])
  expect(stage.saidTo(open.user.id).map(({ text }) => text)).toEqual([
    expect.stringContaining('99 credits left'),
    expect.stringContaining('You got 7 credits'),
  ])
})

test.each(['number', 'reason'])(
  'cancelling at the %s gives nothing, and answers go to the user again',
  async (step) => {
    const open = await stage.newConversation()
    const question = await ask(open)
    if (step === 'reason') {
      await stage.tap(question, stage.owner.id, { label: '5' })
      await inTopic(open, '5 credits for Ann. Why?')
    }
    await stage.tap(question, stage.owner.id, { data: 'd1:cancel' })
    await inTopic(open, 'Cancelled, nothing changed.')
    say(open, 'hello again')
    await stage.world.waitForMessage({ chatId: open.user.id, text: 'hello again' })
    expect(await giftsTo(open)).toEqual([])
  },
)

describe('double taps', () => {
  test('on a number choose it once; the second says nothing about the reason', async () => {
    const open = await stage.newConversation()
    const question = await ask(open)
    await Promise.all([
      stage.tap(question, stage.owner.id, { label: '10' }),
      stage.tap(question, stage.owner.id, { label: '10' }),
    ])
    await inTopic(open, '10 credits for Ann. Why?')
    await stage.settle()
    expect(await giftsTo(open)).toEqual([])
    await Promise.all([1, 2, 3].map(() => stage.tap(question, stage.owner.id, { data: 'd1:skip' })))
    await inTopic(open, '🎁 Ann got 10 credits.')
    await stage.settle()
    expect(await giftsTo(open)).toHaveLength(1)
  })

  test('on the gift button ask once more, and only the newer question counts', async () => {
    const open = await stage.newConversation()
    const older = await ask(open)
    const newer = await ask(open)
    expect(newer.messageId).toBeGreaterThan(older.messageId)
    expect((await stage.tap(older, stage.owner.id, { label: '50' })).text).toBe('This button is out of date.')
    await stage.tap(newer, stage.owner.id, { label: '5' })
    await inTopic(open, '5 credits for Ann. Why?')
    await stage.tap(newer, stage.owner.id, { data: 'd1:skip' })
    await inTopic(open, '🎁 Ann got 5 credits.')
    expect(await giftsTo(open)).toHaveLength(1)
  })
})

test('other buttons, notes and other people work while the question is open', async () => {
  const open = await stage.newConversation()
  const colleague = await stage.newMember('admin', 'Carl')
  const question = await ask(open)
  expect((await stage.tap(open.card, stage.owner.id, { label: 'ℹ️ Info' })).text).toContain('Ann · ')
  expect((await stage.tap(question, colleague.id, { label: '50' })).text).toBe('This button is out of date.')
  say(open, '// generous today')
  say(open, 'an answer of Carl', colleague.id)
  await stage.world.waitForMessage({ chatId: open.user.id, text: 'an answer of Carl' })
  await eventually(
    () => stage.prisma.note.count({ where: { userId: BigInt(open.user.id) } }),
    (notes) => notes === 1,
  )
  await stage.tap(question, stage.owner.id, { label: '5' })
  await inTopic(open, '5 credits for Ann. Why?')
  await stage.tap(question, stage.owner.id, { data: 'd1:cancel' })
  expect(await giftsTo(open)).toEqual([])
})

test('a restart in the middle interrupts nobody', async () => {
  const open = await stage.newConversation()
  const question = await ask(open)
  await stage.tap(question, stage.owner.id, { label: '10' })
  await inTopic(open, '10 credits for Ann. Why?')
  await stage.settle()
  await stage.restart()
  say(open, 'patience')
  await inTopic(open, '🎁 Ann got 10 credits.')
  expect(await giftsTo(open)).toEqual([[10, 'patience', actor()]])
})

test('a question that was deleted meanwhile is answered by a message of its own', async () => {
  const open = await stage.newConversation()
  const question = await ask(open)
  stage.world.deleteMessages({ chatId: stage.groupId, messageIds: [question.messageId] })
  say(open, '3')
  await inTopic(open, '3 credits for Ann. Why?')
  say(open, 'because')
  await inTopic(open, '🎁 Ann got 3 credits.')
  await stage.settle()
  expect(await giftsTo(open)).toHaveLength(1)
})

test('whoever lost the role in the middle gives nothing', async () => {
  const open = await stage.newConversation()
  const member = await stage.newMember('admin', 'Dora')
  const question = await ask(open, member.id)
  await stage.tap(question, member.id, { label: '50' })
  await inTopic(open, '50 credits for Ann. Why?')
  await stage.prisma.teamMember.update({ where: { id: BigInt(member.id) }, data: { role: 'agent' } })
  await stage.tap(question, member.id, { data: 'd1:skip' })
  await inTopic(open, "Your role doesn't allow this.")
  expect(await giftsTo(open)).toEqual([])
})
