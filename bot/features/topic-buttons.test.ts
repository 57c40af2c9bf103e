import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type BotStage, eventually, startBotStage } from '#testing/bot-stage.ts'

let stage: BotStage
beforeAll(async () => {
  stage = await startBotStage({ callbackDeadlineMs: 2_000 })
})
afterAll(() => stage.close())

type Open = Awaited<ReturnType<BotStage['newConversation']>>
const NOT_ALLOWED = "Your role doesn't allow this."
const STALE = 'This button is out of date.'

const audits = ({ user }: Open) =>
  stage.prisma.auditEntry.findMany({ where: { target: `user:${user.id}` }, orderBy: { id: 'asc' } })
const bannedAt = async ({ user }: Open) =>
  (await stage.prisma.user.findUniqueOrThrow({ where: { id: BigInt(user.id) } })).bannedAt
const isClosed = ({ threadId }: Open) =>
  stage.world.listTopics({ chatId: stage.groupId }).find((topic) => topic.threadId === threadId)?.closed
const inTopic = ({ threadId }: Open, text: string | RegExp) =>
  stage.world.waitForMessage({ chatId: stage.groupId, threadId, text, fromBot: true })

describe('who may press what:', () => {
  const buttons = [
    { verb: 'info', roles: ['owner', 'admin', 'agent', 'viewer'] },
    { verb: 'notes', roles: ['owner', 'admin', 'agent', 'viewer'] },
    { verb: 'addnote', roles: ['owner', 'admin', 'agent'] },
    { verb: 'close', roles: ['owner', 'admin', 'agent'] },
    { verb: 'gift', roles: ['owner', 'admin'] },
    { verb: 'ban', roles: ['owner', 'admin'] },
    { verb: 'banyes', roles: ['owner', 'admin'] },
    { verb: 'unbanyes', roles: ['owner', 'admin'] },
    { verb: 'cancel', roles: ['owner', 'admin'] },
  ]
  test.each(['viewer', 'agent', 'admin', 'owner', null] as const)('a member with the role %s', async (role) => {
    const open = await stage.newConversation()
    const member = await stage.newMember(role)
    for (const { verb, roles } of buttons) {
      const answer = await stage.tap(open.card, member.id, { data: `t1:${verb}:${open.user.id}` })
      const isAllowed = role !== null && roles.includes(role)
      expect([verb, answer.text === NOT_ALLOWED && answer.showAlert]).toEqual([verb, !isAllowed])
    }
    await stage.settle()
    const actions = (await audits(open)).map(({ action }) => action)
    const expected = role === 'owner' || role === 'admin' ? ['conversation.close', 'user.ban', 'user.unban'] : []
    expect(actions).toEqual(role === 'agent' ? ['conversation.close'] : expected)
  })

  test('an anonymous admin is not asked for what would then go to the user as an answer', async () => {
    const open = await stage.newConversation()
    const member = await stage.newMember('admin', 'Nemo')
    stage.world.addMember({ chatId: stage.groupId, userId: member.id, status: 'administrator', anonymous: true })
    for (const verb of ['gift', 'addnote']) {
      const answer = await stage.tap(open.card, member.id, { data: `t1:${verb}:${open.user.id}` })
      expect(answer).toMatchObject({ text: expect.stringMatching(/begin a message with \/\/$/), showAlert: true })
    }
    await stage.settle()
    expect(stage.inTopic(open.threadId).map(({ text }) => text)).toEqual([expect.stringContaining('hello')])
  })

  test('a member who was disabled is a stranger', async () => {
    const open = await stage.newConversation()
    const member = await stage.newMember('owner', 'Gone')
    await stage.prisma.teamMember.update({ where: { id: BigInt(member.id) }, data: { disabledAt: new Date() } })
    expect((await stage.tap(open.card, member.id, { data: `t1:ban:${open.user.id}` })).text).toBe(NOT_ALLOWED)
  })
})

test('a name cannot turn around what the team is asked', async () => {
  const open = await stage.newConversation({}, { firstName: 'Ann\u202e\nEve' })
  await stage.tap(open.card, stage.owner.id, { data: `t1:ban:${open.user.id}` })
  await inTopic(open, 'Ban Ann Eve? Their messages')
  await stage.tap(open.card, stage.owner.id, { data: `t1:gift:${open.user.id}` })
  await inTopic(open, 'How many credits for Ann Eve? Tap')
  const { text } = await stage.tap(open.card, stage.owner.id, { data: `t1:info:${open.user.id}` })
  expect(text).toContain(`Ann Eve · ${open.user.id}`)
})

test('info shows where the user stands', async () => {
  const open = await stage.newConversation({ credits: 8, bonus: 3, passSeconds: 5_400 })
  const answer = await stage.tap(open.first, stage.owner.id, { label: 'ℹ️ Info' })
  expect(answer.text).toMatch(new RegExp(`^Ann · ${open.user.id}\nTier: New\n11 credits\nPass: 1h 30m left$`))
  expect(answer.showAlert).toBe(true)
})

describe('notes', () => {
  test('of somebody whose role was taken meanwhile are not kept, and they hear so', async () => {
    const open = await stage.newConversation()
    const member = await stage.newMember('agent', 'Dora')
    await stage.tap(open.card, member.id, { data: `t1:addnote:${open.user.id}` })
    await inTopic(open, 'Write the note within')
    await stage.prisma.teamMember.update({ where: { id: BigInt(member.id) }, data: { role: 'viewer' } })
    const where = { userId: member.id, chatId: stage.groupId, threadId: open.threadId }
    const { message_id: messageId } = stage.world.sendText({ ...where, text: 'secretly' })
    await inTopic(open, NOT_ALLOWED)
    expect(stage.world.getMessage({ chatId: stage.groupId, messageId })?.reactions).toEqual([])
    expect(await stage.prisma.note.count({ where: { userId: BigInt(open.user.id) } })).toBe(0)
  })

  test('are shown, and a new one is asked for and kept', async () => {
    const open = await stage.newConversation()
    await stage.tap(open.card, stage.owner.id, { label: '📝 Notes' })
    const list = await inTopic(open, 'No notes yet.')
    await stage.tap(list, stage.owner.id, { label: 'Add a note' })
    await inTopic(open, 'Write the note within 5 minutes.')
    const where = { userId: stage.owner.id, chatId: stage.groupId, threadId: open.threadId }
    stage.world.sendText({ ...where, text: `${'🌻'.repeat(149)}a${'🌻'.repeat(99)}` })
    await eventually(
      () => stage.prisma.note.count({ where: { userId: BigInt(open.user.id) } }),
      (notes) => notes === 1,
    )
    await stage.tap(open.card, stage.owner.id, { label: '📝 Notes' })
    await inTopic(open, `• ${'🌻'.repeat(149)}a — Olivia`)
    stage.world.sendText({ ...where, text: 'this is for Ann' })
    await stage.world.waitForMessage({ chatId: open.user.id, text: 'this is for Ann' })
    await stage.settle()
    expect(stage.saidTo(open.user.id).filter(({ text }) => text?.includes('🌻'))).toEqual([])
  })
})

describe('banning', () => {
  test('asks first, acts once however often it is confirmed, and is undone the same way', async () => {
    const open = await stage.newConversation()
    await stage.tap(open.card, stage.owner.id, { label: '🚫 Ban' })
    const question = await inTopic(open, 'Ban Ann?')
    expect(await bannedAt(open)).toBeNull()
    await Promise.all([1, 2, 3].map(() => stage.tap(question, stage.owner.id, { data: `t1:banyes:${open.user.id}` })))
    await inTopic(open, /^🚫 Banned by /)
    expect(await bannedAt(open)).toBeInstanceOf(Date)
    await stage.world.waitFor(() =>
      stage.world.getMessage({ chatId: stage.groupId, messageId: open.card.messageId })?.text?.includes('🚫 Banned'),
    )
    await stage.tap(open.card, stage.owner.id, { data: `t1:ban:${open.user.id}` })
    const undo = await inTopic(open, 'Let Ann write again?')
    await stage.tap(undo, stage.owner.id, { label: 'Unban' })
    await inTopic(open, /^Unbanned by /)
    expect(await bannedAt(open)).toBeNull()
    expect((await audits(open)).map(({ action, actorId }) => [action, actorId])).toEqual([
      ['user.ban', BigInt(stage.owner.id)],
      ['user.unban', BigInt(stage.owner.id)],
    ])
  })

  test('can be cancelled', async () => {
    const open = await stage.newConversation()
    await stage.tap(open.card, stage.owner.id, { label: '🚫 Ban' })
    await stage.tap(await inTopic(open, 'Ban Ann?'), stage.owner.id, { label: 'Cancel' })
    await inTopic(open, 'Cancelled, nothing changed.')
    expect(await bannedAt(open)).toBeNull()
  })
})

describe('closing', () => {
  test('closes conversation and topic once, and the next message opens both again', async () => {
    const open = await stage.newConversation()
    await Promise.all([1, 2].map(() => stage.tap(open.card, stage.owner.id, { label: '✅ Close' })))
    await stage.world.waitFor(() => isClosed(open))
    await stage.settle()
    const row = () => stage.prisma.conversation.findUniqueOrThrow({ where: { userId: BigInt(open.user.id) } })
    expect(await row()).toMatchObject({ closedAt: expect.any(Date), waitingSince: null, unread: 0 })
    expect((await audits(open)).map(({ action }) => action)).toEqual(['conversation.close'])
    stage.world.sendText({ userId: open.user.id, text: 'one more thing' })
    await inTopic(open, 'one more thing')
    expect(isClosed(open)).toBe(false)
    expect(await row()).toMatchObject({ closedAt: null, waitingSince: expect.any(Date) })
  })

  test('by hand does not keep the topic closed either once the user writes', async () => {
    const open = await stage.newConversation()
    stage.world.closeTopic({ chatId: stage.groupId, threadId: open.threadId, userId: stage.owner.id })
    await stage.settle()
    stage.world.sendText({ userId: open.user.id, text: 'are you still there?' })
    await inTopic(open, 'are you still there?')
    expect(isClosed(open)).toBe(false)
  })

  test('counts although the topic was closed or deleted by hand', async () => {
    const closed = await stage.newConversation()
    stage.world.closeTopic({ chatId: stage.groupId, threadId: closed.threadId, userId: stage.owner.id })
    expect((await stage.tap(closed.card, stage.owner.id, { label: '✅ Close' })).text).toContain('Closed.')
    const gone = await stage.newConversation()
    stage.world.deleteTopic({ chatId: stage.groupId, threadId: gone.threadId })
    await stage.tap(closed.card, stage.owner.id, { data: `t1:close:${gone.user.id}` })
    await stage.settle()
    for (const { user } of [closed, gone]) {
      const row = await stage.prisma.conversation.findUniqueOrThrow({ where: { userId: BigInt(user.id) } })
      expect(row.closedAt).toBeInstanceOf(Date)
    }
  })
})

describe('a pressed button that means nothing is answered and does nothing:', () => {
  test.each([
    't1:info:9007199254740993123',
    't1:info:-5',
    't1:info:',
    't1:gift:1e9',
    't1:unknown:1',
    't0:info:1',
    'd1:10',
    'd1:skip',
    'x'.repeat(64),
    '🚫'.repeat(16),
    "t1:ban:1' OR 1=1",
  ])('%s', async (data) => {
    const open = await stage.newConversation()
    expect((await stage.tap(open.card, stage.owner.id, { data })).text).toBe(STALE)
  })

  test.each(['info', 'gift', 'ban', 'banyes', 'unbanyes', 'notes', 'addnote', 'close'])(
    '%s for somebody who does not exist',
    async (verb) => {
      const open = await stage.newConversation()
      const before = stage.inTopic(open.threadId).length
      expect((await stage.tap(open.card, stage.owner.id, { data: `t1:${verb}:4503599627370495` })).text).toBe(STALE)
      await stage.settle()
      expect(stage.inTopic(open.threadId)).toHaveLength(before)
    },
  )

  test('a team button in a private chat, whoever presses it', async () => {
    const open = await stage.newConversation()
    const [receipt] = stage.saidTo(open.user.id)
    if (!receipt) throw new Error('There is no receipt')
    for (const verb of ['gift', 'banyes', 'info']) {
      const answer = await stage.tap(receipt, open.user.id, { data: `t1:${verb}:${open.user.id}` })
      expect(answer.text).toBe(STALE)
    }
    await stage.settle()
    expect(await audits(open)).toEqual([])
  })

  test('on a message that was deleted: the work is done, and the next press is handled', async () => {
    const open = await stage.newConversation()
    await stage.tap(open.card, stage.owner.id, { label: '🚫 Ban' })
    const question = await inTopic(open, 'Ban Ann?')
    stage.world.deleteMessages({ chatId: stage.groupId, messageIds: [question.messageId] })
    await stage.tap(question, stage.owner.id, { data: `t1:banyes:${open.user.id}` })
    await stage.settle()
    expect(await bannedAt(open)).toBeInstanceOf(Date)
    expect(await stage.prisma.inboxUpdate.count({ where: { attempts: { gt: 0 } } })).toBe(0)
  })

  test('too late for Telegram: the work is done once, without another try', async () => {
    const open = await stage.newConversation()
    stage.world.holdUpdates()
    stage.world.pressButton({
      chatId: stage.groupId,
      messageId: open.card.messageId,
      userId: stage.owner.id,
      data: `t1:close:${open.user.id}`,
    })
    stage.world.advanceClock({ ms: 60_000 })
    stage.world.releaseUpdates()
    await stage.world.waitFor(() => isClosed(open))
    await stage.settle()
    expect((await audits(open)).map(({ action }) => action)).toEqual(['conversation.close'])
    expect(await stage.prisma.inboxUpdate.count({ where: { attempts: { gt: 0 } } })).toBe(0)
  })
})
