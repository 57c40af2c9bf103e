import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { MessageView } from '#sandbox/telegram/control-types.ts'
import { type BotStage, startBotStage } from '#testing/bot-stage.ts'
import { newContent } from '#testing/payments/content.ts'

let stage: BotStage
beforeAll(async () => {
  stage = await startBotStage()
})
afterAll(() => stage.close())

type Open = Awaited<ReturnType<BotStage['newConversation']>>

const photo = { kind: 'photo' } as const
const labels = (message: MessageView) => (message.buttons ?? []).flat().map(({ text }) => text)
const place = ({ threadId }: Open, userId = stage.owner.id) => ({ userId, chatId: stage.groupId, threadId })
const inTopic = ({ threadId }: Open, text: string | RegExp) =>
  stage.world.waitForMessage({ chatId: stage.groupId, threadId, text, fromBot: true })
const teaserOf = ({ user }: Open) => stage.world.waitForMessage({ chatId: user.id, text: '🔒', fromBot: true })
const shownTo = ({ user }: Open) => stage.saidTo(user.id).filter(({ media }) => media)
const contents = () => stage.prisma.content.count()

describe('media with /lock as its caption', () => {
  test('reaches the user as a locked teaser, and opens for its price', async () => {
    const open = await stage.newConversation({ credits: 100 })
    stage.world.sendMedia({ ...place(open), ...photo, caption: '/lock 50 credits or $5 Beach set' })
    const teaser = await teaserOf(open)
    expect(teaser.text).toContain('🔒 Beach set\nPhoto')
    expect(labels(teaser)).toEqual(['🔓 Unlock for 50 credits', '💳 Unlock for $5.00'])
    await inTopic(open, '🔒 Sent locked: Beach set · 50 credits or $5.00')
    expect(shownTo(open)).toEqual([])
    await stage.tap(teaser, open.user.id, { label: '🔓 Unlock for 50 credits' })
    await stage.settle()
    expect(shownTo(open).map(({ text, protectedContent }) => [text, protectedContent])).toEqual([['Beach set', true]])
    const audit = await stage.prisma.auditEntry.findFirst({ where: { action: 'content.add' }, orderBy: { id: 'desc' } })
    expect(audit).toMatchObject({ actorId: BigInt(stage.owner.id), role: 'owner' })
  })

  test('locks an album whole, without the command in its captions', async () => {
    const open = await stage.newConversation()
    const items = [{ ...photo, caption: '/lock 5' }, { kind: 'video' } as const, photo]
    await stage.world.sendAlbum({ ...place(open), items })
    const teaser = await teaserOf(open)
    expect(teaser.text).toMatch(/^🔒 Photo\n2 × Photo, Video · /)
    await stage.tap(teaser, open.user.id, { label: '🔓 Unlock for 5 credits' })
    await stage.settle()
    const parts = shownTo(open)
    expect(parts.map(({ media }) => media?.kind)).toEqual(['photo', 'video', 'photo'])
    expect(parts.map(({ text }) => text ?? '').join()).not.toContain('/lock')
    expect(new Set(parts.map(({ albumId }) => albumId)).size).toBe(1)
  })

  test('counts as the team’s answer in the conversation', async () => {
    const open = await stage.newConversation()
    stage.world.sendMedia({ ...place(open), ...photo, caption: '/lock 5 Set' })
    const teaser = await teaserOf(open)
    await stage.settle()
    const userId = BigInt(open.user.id)
    expect(await stage.prisma.conversation.findUnique({ where: { userId } })).toMatchObject({
      unread: 0,
      waitingSince: null,
      messagesOut: 1,
    })
    expect((await stage.messagesOf(open.user.id)).at(-1)).toMatchObject({
      direction: 'out',
      text: '🔒 Set · 5 credits',
      userMessageId: BigInt(teaser.messageId),
    })
  })
})

describe('/lock as a reply', () => {
  test('to an answer that went out open takes it back from the user’s chat', async () => {
    const open = await stage.newConversation()
    const { message_id: replyTo } = stage.world.sendMedia({ ...place(open), ...photo, caption: 'look' })
    await stage.world.waitForMessage({ chatId: open.user.id, text: 'look' })
    await stage.settle()
    stage.world.sendText({ ...place(open), text: '/lock $5', replyTo })
    await teaserOf(open)
    await inTopic(open, 'the open copy was deleted from the user')
    await stage.settle()
    expect(shownTo(open)).toEqual([])
  })

  test('to an answer that has not gone out yet keeps it from ever going out', async () => {
    const open = await stage.newConversation()
    const fault = stage.world.addFault({ kind: '500', method: 'copyMessage', chatId: open.user.id, times: 0 })
    const { message_id: replyTo } = stage.world.sendMedia({ ...place(open), ...photo, caption: 'look' })
    await stage.world.waitForCall({ method: 'copyMessage', chatId: open.user.id })
    await stage.world.waitUntilConfirmed()
    stage.world.sendText({ ...place(open), text: '/lock 5', replyTo })
    await teaserOf(open)
    await inTopic(open, '🔒 Sent locked: look · 5 credits.')
    stage.world.removeFault(fault)
    await stage.settle()
    expect(shownTo(open)).toEqual([])
    const failures = (await stage.messagesOf(open.user.id)).map(({ failure }) => failure)
    expect(failures).toContain('It was locked before it was sent')
  })

  test('to one part of an album locks and takes back all of it', async () => {
    const open = await stage.newConversation()
    const album = await stage.world.sendAlbum({ ...place(open), items: [photo, photo, photo] })
    await stage.settle()
    expect(shownTo(open)).toHaveLength(3)
    stage.world.sendText({ ...place(open), text: '/lock 5', replyTo: album[1]?.message_id })
    expect((await teaserOf(open)).text).toContain('3 × Photo')
    await stage.settle()
    expect(shownTo(open)).toEqual([])
  })

  test('to media that stayed inside is sent locked without ever having been shown', async () => {
    const open = await stage.newConversation()
    const { message_id: replyTo } = stage.world.sendMedia({ ...place(open), ...photo, caption: '// for later' })
    await stage.settle()
    stage.world.sendText({ ...place(open), text: '/lock 5 For you', replyTo })
    await teaserOf(open)
    await inTopic(open, '🔒 Sent locked: For you · 5 credits.')
    expect(shownTo(open)).toEqual([])
  })

  test.each([
    [
      'to the user’s own media',
      async (open: Open) => {
        stage.world.sendMedia({ userId: open.user.id, ...photo, caption: 'mine' })
        const relayed = await stage.world.waitForMessage({
          chatId: stage.groupId,
          threadId: open.threadId,
          text: 'mine',
        })
        return relayed.messageId
      },
      '/lock 5',
      'Only what the team sent can be locked.',
    ],
    [
      'to a text',
      async (open: Open) => stage.world.sendText({ ...place(open), text: '// words' }).message_id,
      '/lock 5',
      'Reply to a picture',
    ],
    [
      'with a price nobody can read',
      async (open: Open) => stage.world.sendMedia({ ...place(open), ...photo, caption: '// x' }).message_id,
      '/lock much',
      'Reply to a picture',
    ],
    [
      'in another currency',
      async (open: Open) => stage.world.sendMedia({ ...place(open), ...photo, caption: '// x' }).message_id,
      '/lock 5 eur',
      'Your shop takes USD only',
    ],
    [
      'for less than cards take',
      async (open: Open) => stage.world.sendMedia({ ...place(open), ...photo, caption: '// x' }).message_id,
      '/lock $0.10',
      "That price can't be charged",
    ],
  ])('%s locks nothing and says why', async (_what, prepare, text, said) => {
    const open = await stage.newConversation()
    const replyTo = await prepare(open)
    const before = await contents()
    stage.world.sendText({ ...place(open), text, replyTo })
    await inTopic(open, said)
    await stage.settle()
    expect(await contents()).toBe(before)
    expect(stage.saidTo(open.user.id).filter((message) => message.text?.includes('🔒'))).toEqual([])
  })
})

test('/lock c… offers what is on sale, and says so when it is theirs already', async () => {
  const open = await stage.newConversation({ credits: 100 })
  const content = await newContent(stage.prisma, { title: 'Known set <1>' })
  stage.world.sendText({ ...place(open), text: `/lock c${content.id}` })
  const teaser = await teaserOf(open)
  expect(teaser.text).toContain('Known set')
  const done = await inTopic(open, '🔒 Sent locked: Known set <1>')
  const copied = done.entities?.find(({ type }) => type === 'code')
  expect(done.text?.slice(copied?.offset).slice(0, copied?.length)).toBe(`/lock c${content.id}`)
  stage.world.sendText({ ...place(open), text: '/lock c999999' })
  await inTopic(open, 'There is no such content.')
})

test('the same update again offers and adds nothing more', async () => {
  const open = await stage.newConversation()
  stage.world.sendMedia({ ...place(open), ...photo, caption: '/lock 5 Once' })
  await teaserOf(open)
  await stage.settle()
  const before = await contents()
  stage.world.duplicateUpdate({ newId: true })
  await stage.settle()
  expect(await contents()).toBe(before)
  expect(stage.saidTo(open.user.id).filter(({ text }) => text?.includes('Once'))).toHaveLength(1)
})

test.each(['agent', 'viewer', null] as const)('a %s may not lock, and nothing is shown', async (role) => {
  const open = await stage.newConversation()
  const member = await stage.newMember(role)
  stage.world.sendMedia({ ...place(open, member.id), ...photo, caption: '/lock 5' })
  await inTopic(open, "Your role doesn't allow this.")
  await stage.settle()
  expect(shownTo(open)).toEqual([])
  expect(stage.saidTo(open.user.id).filter(({ text }) => text?.includes('🔒'))).toEqual([])
})

test('nothing is sent to a user who stopped the bot', async () => {
  const open = await stage.newConversation()
  stage.world.blockBot({ userId: open.user.id })
  await stage.settle()
  stage.world.sendMedia({ ...place(open), ...photo, caption: '/lock 5' })
  await inTopic(open, 'Not sent: the user has stopped the bot.')
})
