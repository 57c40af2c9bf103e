import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { changeSetting } from '#core/settings/change-setting.ts'
import type { MediaItem, MessageView } from '#sandbox/telegram/control-types.ts'
import { type BotStage, eventually, startBotStage } from '#testing/bot-stage.ts'

let stage: BotStage
beforeAll(async () => {
  stage = await startBotStage()
})
afterAll(() => stage.close())

type Open = Awaited<ReturnType<BotStage['newConversation']>>

/** Where and as whom the owner writes in a topic. */
const inTopicOf = ({ threadId }: Open) => ({ userId: stage.owner.id, chatId: stage.groupId, threadId })

/** What the user got that is neither a receipt nor a notice. */
const answersTo = ({ user }: Open): MessageView[] =>
  stage.saidTo(user.id).filter(({ text }) => !text?.includes('credits left') && !text?.includes('Free for'))

const reactionsOn = (messageId: number) =>
  stage.world
    .getMessage({ chatId: stage.groupId, messageId })
    ?.reactions.filter(({ byBot }) => byBot)
    .map(({ emoji }) => emoji)

/** What the bot said in the topic under a message. */
const complaintsAbout = ({ threadId }: Open, messageId: number) =>
  stage
    .inTopic(threadId)
    .filter(({ author, replyTo }) => author.isBot && replyTo?.messageId === messageId)
    .map(({ text }) => text)

const storedAnswers = async ({ user }: Open) =>
  (await stage.messagesOf(user.id)).filter(({ direction }) => direction === 'out')

describe('an answer of the team reaches the user as it is, confirmed by a reaction:', () => {
  const kinds: MediaItem[] = [
    { kind: 'photo', caption: 'look', captionEntities: [{ type: 'italic', offset: 0, length: 4 }] },
    { kind: 'video', caption: 'look' },
    { kind: 'animation' },
    { kind: 'voice' },
    { kind: 'video_note' },
    { kind: 'audio' },
    { kind: 'document', fileName: 'a.pdf' },
    { kind: 'sticker' },
    { kind: 'location' },
    { kind: 'venue' },
    { kind: 'contact' },
    { kind: 'poll' },
    { kind: 'dice' },
  ]
  test.each(kinds)('$kind', async (item) => {
    const open = await stage.newConversation()
    const sent = stage.world.sendMedia({ ...inTopicOf(open), ...item })
    await stage.world.waitFor(() => reactionsOn(sent.message_id)?.includes('👍'))
    await stage.settle()
    const answers = answersTo(open)
    expect(answers.map(({ media, extra }) => media?.kind ?? extra?.kind)).toEqual([item.kind])
    expect(answers[0]?.text).toBe('caption' in item ? item.caption : undefined)
    if ('captionEntities' in item) expect(answers[0]?.entities).toEqual(item.captionEntities)
    const [stored] = await storedAnswers(open)
    expect(stored).toMatchObject({ kind: item.kind, authorId: BigInt(stage.owner.id), failure: null, cost: 0 })
    expect(stored?.userMessageId).toBe(BigInt(answers[0]?.messageId ?? 0))
  })

  test('text with formatting; nobody waits any more and nothing is charged', async () => {
    const open = await stage.newConversation()
    const entities = [{ type: 'bold', offset: 0, length: 5 }]
    stage.world.sendText({ ...inTopicOf(open), text: 'Hello there', entities })
    await stage.world.waitForMessage({ chatId: open.user.id, text: 'Hello there' })
    await stage.settle()
    expect(answersTo(open)[0]?.entities).toEqual(entities)
    const conversation = await stage.prisma.conversation.findUniqueOrThrow({ where: { userId: BigInt(open.user.id) } })
    expect(conversation).toMatchObject({ waitingSince: null, unread: 0, messagesOut: 1, preview: 'Hello there' })
    expect(await stage.spendings(open.user.id)).toEqual([1])
  })

  test('an album, whole and in order', async () => {
    const open = await stage.newConversation()
    const items = [
      { kind: 'photo' as const, caption: 'one' },
      { kind: 'video' as const, caption: 'two' },
    ]
    await stage.world.sendAlbum({ ...inTopicOf(open), items, gapMs: 200 })
    await stage.world.waitFor(() => answersTo(open).length === 2)
    const [first, second] = answersTo(open)
    expect([first?.text, second?.text]).toEqual(['one', 'two'])
    expect(first?.albumId).toBeDefined()
    expect(second?.albumId).toBe(first?.albumId)
    await stage.settle()
    expect(await storedAnswers(open)).toHaveLength(2)
  })

  test('in General, to a message that could only be shown there', async () => {
    const user = await stage.newUser({ credits: 5 })
    const { groupId: chatId, owner } = stage
    stage.world.setBotMembership({ chatId, rights: { can_manage_topics: false } })
    stage.world.sendText({ userId: user.id, text: 'is anybody there?' })
    const { messageId: replyTo } = await stage.world.waitForMessage({ chatId, text: 'is anybody there?' })
    await stage.settle()
    stage.world.setBotMembership({ chatId, rights: { can_manage_topics: true } })
    stage.world.sendText({ userId: owner.id, chatId, text: 'somebody is', replyTo })
    await stage.world.waitForMessage({ chatId: user.id, text: 'somebody is' })
  })

  test('in General, or is told why it cannot', async () => {
    const user = await stage.newUser({ credits: 5 })
    const { groupId: chatId } = stage
    stage.world.setBotMembership({ chatId, rights: { can_manage_topics: false } })
    stage.world.sendText({ userId: user.id, text: 'who is there?' })
    const { messageId: replyTo } = await stage.world.waitForMessage({ chatId, text: 'who is there?' })
    await stage.settle()
    stage.world.setBotMembership({ chatId, rights: { can_manage_topics: true } })
    const viewer = await stage.newMember('viewer', 'Vera')
    stage.world.sendText({ userId: viewer.id, chatId, text: 'me', replyTo })
    await stage.world.waitForMessage({ chatId, text: 'Not sent: your role can read, but not answer.' })
  })

  test('an album that was deleted in the topic before it could be copied', async () => {
    const open = await stage.newConversation()
    stage.world.addFault({ kind: '429', method: 'copyMessages', retryAfterSeconds: 1 })
    const items = ['one', 'two'].map((caption) => ({ kind: 'photo' as const, caption }))
    const sent = await stage.world.sendAlbum({ ...inTopicOf(open), items })
    await stage.world.waitFor(() => stage.world.listFaults().length === 0)
    stage.world.deleteMessages({ chatId: stage.groupId, messageIds: sent.map(({ message_id: id }) => id) })
    await stage.world.waitFor(() => answersTo(open).length === 2)
    expect(answersTo(open).map(({ text }) => text)).toEqual(['one', 'two'])
  })

  test('what an anonymous admin writes, without a name', async () => {
    const open = await stage.newConversation()
    stage.world.sendText({ ...inTopicOf(open), anonymous: true, text: 'from nobody' })
    await stage.world.waitForMessage({ chatId: open.user.id, text: 'from nobody' })
    expect((await storedAnswers(open))[0]).toMatchObject({ authorId: null, authorName: 'Anonymous admin' })
  })

  test('a reply to the user’s message, once, although Telegram delivers the update again', async () => {
    const open = await stage.newConversation()
    stage.world.sendText({ ...inTopicOf(open), text: 'once', replyTo: open.first.messageId })
    await stage.world.waitForMessage({ chatId: open.user.id, text: 'once' })
    stage.world.duplicateUpdate()
    stage.world.duplicateUpdate({ newId: true })
    await stage.settle()
    expect(answersTo(open).map(({ text }) => text)).toEqual(['once'])
    expect(await storedAnswers(open)).toHaveLength(1)
  })
})

test('in a basic group, which has no topics, a reply to the user’s message is the answer', async () => {
  const basic = await startBotStage({ isForum: false })
  try {
    const user = await basic.newUser()
    basic.world.sendText({ userId: user.id, text: 'is anybody there?' })
    const { messageId } = await basic.world.waitForMessage({ chatId: basic.groupId, text: 'is anybody there?' })
    await basic.settle()
    basic.world.sendText({ userId: basic.owner.id, chatId: basic.groupId, text: 'somebody is', replyTo: messageId })
    await basic.world.waitForMessage({ chatId: user.id, text: 'somebody is' })
  } finally {
    await basic.close()
  }
})

describe('what stays inside the team:', () => {
  test.each(['// careful with this one', '/note careful with this one', '/note@paydesk_bot careful with this one'])(
    '%s is a note: kept, marked, and never sent',
    async (text) => {
      const open = await stage.newConversation()
      const sent = stage.world.sendText({ ...inTopicOf(open), text })
      await stage.world.waitFor(() => reactionsOn(sent.message_id)?.includes('✍'))
      await stage.settle()
      expect(answersTo(open)).toEqual([])
      expect(await storedAnswers(open)).toEqual([])
      const notes = await stage.prisma.note.findMany({ where: { userId: BigInt(open.user.id) } })
      expect(notes.map((note) => [note.text, note.authorName])).toEqual([['careful with this one', 'Olivia']])
      await stage.world.waitFor(() =>
        stage.world
          .getMessage({ chatId: stage.groupId, messageId: open.card.messageId })
          ?.text?.includes('careful with'),
      )
    },
  )

  test('a picture or an album whose caption is a note is not sent', async () => {
    const open = await stage.newConversation()
    stage.world.sendMedia({ ...inTopicOf(open), kind: 'photo', caption: '// his passport' })
    await stage.world.sendAlbum({
      ...inTopicOf(open),
      items: [{ kind: 'photo' }, { kind: 'photo', caption: '/note both sides' }],
    })
    await eventually(
      () => stage.prisma.note.count({ where: { userId: BigInt(open.user.id) } }),
      (notes) => notes === 2,
    )
    await stage.settle()
    expect(answersTo(open)).toEqual([])
    expect(await storedAnswers(open)).toEqual([])
  })

  test('an empty note is told how to write one', async () => {
    const open = await stage.newConversation()
    const { message_id } = stage.world.sendText({ ...inTopicOf(open), text: '/note' })
    await stage.world.waitFor(() => complaintsAbout(open, message_id).length > 0)
    expect(complaintsAbout(open, message_id)[0]).toMatch(/^Write the note behind it/)
    expect(answersTo(open)).toEqual([])
  })

  test('a note outside of conversations does nothing', async () => {
    const open = await stage.newConversation()
    const { threadId } = stage.world.createTopic({ chatId: stage.groupId, userId: stage.owner.id, name: 'Lunch' })
    const before = await stage.prisma.note.count()
    stage.world.sendText({ userId: stage.owner.id, chatId: stage.groupId, threadId, text: '// pizza' })
    await stage.settle()
    expect(await stage.prisma.note.count()).toBe(before)
    expect(answersTo(open)).toEqual([])
  })

  test('a mistyped command is not sent, and the topic says so', async () => {
    const open = await stage.newConversation()
    const { message_id } = stage.world.sendText({ ...inTopicOf(open), text: '/nto careful' })
    await stage.world.waitFor(() => complaintsAbout(open, message_id).length > 0)
    expect(complaintsAbout(open, message_id)).toEqual([
      "Not sent to the user: that looks like a command I don't know. Start with // for a note.",
    ])
    await stage.settle()
    expect(answersTo(open)).toEqual([])
  })

  test('service messages: pins, topic edits, people coming and going, titles, closing', async () => {
    const open = await stage.newConversation()
    const { groupId: chatId, owner } = stage
    const { threadId } = open
    stage.world.pinMessage({ chatId, messageId: open.first.messageId, userId: owner.id })
    stage.world.renameTopic({ chatId, threadId, userId: owner.id, name: 'Ann, the nice one' })
    stage.world.setChatTitle({ chatId, title: 'Team 2', userId: owner.id })
    const member = await stage.newMember(null)
    stage.world.removeMember({ chatId, userId: member.id })
    stage.world.closeTopic({ chatId, threadId, userId: owner.id })
    stage.world.reopenTopic({ chatId, threadId, userId: owner.id })
    await stage.settle()
    expect(
      stage.world.listMessages({ chatId, threadId }).filter(({ author, service }) => author.isBot && !service),
    ).toHaveLength(2)
    expect(answersTo(open)).toEqual([])
    expect(await storedAnswers(open)).toEqual([])
  })

  test('General, also replies there that carry a thread id without being in a topic', async () => {
    const open = await stage.newConversation()
    const { groupId: chatId, owner } = stage
    const first = stage.world.sendText({ userId: owner.id, chatId, text: 'lunch?' })
    stage.world.sendText({ userId: owner.id, chatId, text: 'yes', replyTo: first.message_id })
    stage.world.pushRawUpdate({
      update: {
        message: {
          message_id: 90_001,
          date: 1_790_000_000,
          from: owner,
          chat: { id: chatId, type: 'supergroup', title: 'Team', is_forum: true },
          message_thread_id: open.threadId,
          text: 'not in the topic',
        },
      },
    })
    await stage.settle()
    expect(answersTo(open)).toEqual([])
    expect(await storedAnswers(open)).toEqual([])
  })

  test('other bots in the topic', async () => {
    const open = await stage.newConversation()
    stage.world.pushRawUpdate({
      update: {
        message: {
          message_id: 90_002,
          date: 1_790_000_000,
          from: { id: 555, is_bot: true, first_name: 'Helper', username: 'helper_bot' },
          chat: { id: stage.groupId, type: 'supergroup', title: 'Team', is_forum: true },
          message_thread_id: open.threadId,
          is_topic_message: true,
          text: 'beep',
        },
      },
    })
    await stage.settle()
    expect(await storedAnswers(open)).toEqual([])
  })

  test.each(['viewer', 'disabled'] as const)(
    'what a %s member writes, notes alike; the topic says why',
    async (kind) => {
      const open = await stage.newConversation()
      const viewer = await stage.newMember(kind === 'viewer' ? kind : 'owner', 'Vera')
      if (kind === 'disabled') {
        await stage.prisma.teamMember.update({ where: { id: BigInt(viewer.id) }, data: { disabledAt: new Date() } })
      }
      for (const text of ['let me try', '// and a note']) {
        const { message_id } = stage.world.sendText({ ...inTopicOf(open), userId: viewer.id, text })
        await stage.world.waitFor(() => complaintsAbout(open, message_id).length > 0)
        expect(complaintsAbout(open, message_id)).toEqual(['Not sent: your role can read, but not answer.'])
      }
      await stage.settle()
      expect(answersTo(open)).toEqual([])
      expect(await stage.prisma.note.count({ where: { userId: BigInt(open.user.id) } })).toBe(0)
    },
  )

  test('a topic of no user: the topic says so', async () => {
    const { groupId: chatId, owner } = stage
    const { threadId } = stage.world.createTopic({ chatId, userId: owner.id, name: 'Lunch' })
    stage.world.sendText({ userId: owner.id, chatId, threadId, text: 'pizza?' })
    await stage.world.waitForMessage({ chatId, threadId, text: 'Not sent: this topic belongs to no user.' })
  })

  test('everything but replies to the user, when the setting says so', async () => {
    const open = await stage.newConversation()
    await changeSetting(stage.prisma, { key: 'answers', value: 'replies', updatedBy: 'test' })
    await eventually(
      async () => {
        const before = answersTo(open).length
        stage.world.sendText({ ...inTopicOf(open), text: 'among us' })
        await stage.settle()
        return answersTo(open).length === before
      },
      (isInternal) => isInternal,
    )
    const before = answersTo(open).length
    const inside = stage.world.sendText({ ...inTopicOf(open), text: 'still among us' })
    stage.world.sendText({ ...inTopicOf(open), text: 'to a colleague', replyTo: inside.message_id })
    stage.world.sendText({ ...inTopicOf(open), text: 'to the card', replyTo: open.card.messageId })
    stage.world.sendText({ ...inTopicOf(open), text: 'to the user', replyTo: open.first.messageId })
    await stage.world.waitForMessage({ chatId: open.user.id, text: 'to the user' })
    await stage.settle()
    expect(answersTo(open)).toHaveLength(before + 1)
    await changeSetting(stage.prisma, { key: 'answers', value: 'every', updatedBy: 'test' })
    await eventually(
      async () => {
        stage.world.sendText({ ...inTopicOf(open), text: 'to all again' })
        await stage.settle()
        return answersTo(open).at(-1)?.text
      },
      (last) => last === 'to all again',
    )
  })
})

describe('an answer that cannot arrive is explained under it in the topic:', () => {
  async function complaint(open: Open, item: MediaItem | null = null) {
    const { message_id } = item
      ? stage.world.sendMedia({ ...inTopicOf(open), ...item })
      : stage.world.sendText({ ...inTopicOf(open), text: 'are you there?' })
    await stage.world.waitFor(() => complaintsAbout(open, message_id).length > 0)
    await stage.settle()
    expect(reactionsOn(message_id)).toEqual([])
    expect(answersTo(open)).toEqual([])
    return complaintsAbout(open, message_id)
  }

  test('the user has stopped the bot; when they come back it goes on', async () => {
    const open = await stage.newConversation()
    stage.world.blockBot({ userId: open.user.id })
    await eventually(
      () => stage.prisma.user.findUniqueOrThrow({ where: { id: BigInt(open.user.id) } }),
      ({ blockedAt }) => blockedAt !== null,
    )
    expect(await complaint(open)).toEqual([
      'Not sent: the user has stopped the bot. You can answer again when they come back.',
    ])
    stage.world.unblockBot({ userId: open.user.id })
    await eventually(
      () => stage.prisma.user.findUniqueOrThrow({ where: { id: BigInt(open.user.id) } }),
      ({ blockedAt }) => blockedAt === null,
    )
    stage.world.sendText({ ...inTopicOf(open), text: 'welcome back' })
    await stage.world.waitForMessage({ chatId: open.user.id, text: 'welcome back' })
  })

  test('the account is gone', async () => {
    const open = await stage.newConversation()
    stage.world.deactivateUser({ userId: open.user.id })
    expect(await complaint(open)).toEqual([expect.stringContaining('this account no longer exists')])
    const [stored] = await storedAnswers(open)
    expect(stored?.failure).toContain('deactivated')
    expect(await stage.prisma.user.findUniqueOrThrow({ where: { id: BigInt(open.user.id) } })).toMatchObject({
      blockedAt: expect.any(Date),
    })
  })

  test('the user takes no voice messages', async () => {
    const open = await stage.newConversation()
    stage.world.addFault({
      kind: '400',
      method: 'copyMessage',
      chatId: open.user.id,
      description: 'Bad Request: VOICE_MESSAGES_FORBIDDEN',
    })
    expect(await complaint(open, { kind: 'voice' })).toEqual([
      expect.stringContaining('does not take voice and video messages'),
    ])
  })

  test('Telegram lets nobody pass that kind on', async () => {
    const open = await stage.newConversation()
    stage.world.pushRawUpdate({
      update: {
        message: {
          message_id: open.first.messageId,
          date: 1_790_000_000,
          from: stage.owner,
          chat: { id: stage.groupId, type: 'supergroup', title: 'Team', is_forum: true },
          message_thread_id: open.threadId,
          is_topic_message: true,
          paid_media: { star_count: 1, paid_media: [] },
        },
      },
    })
    await stage.world.waitFor(() => complaintsAbout(open, open.first.messageId).length > 0)
    expect(complaintsAbout(open, open.first.messageId)).toEqual([expect.stringContaining('does not let bots pass')])
  })
})
