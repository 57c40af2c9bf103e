import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { changePreview, replaceMedia, setContentActive } from '#core/content/change-content.ts'
import { type ContentMedia, contentMediaOf } from '#core/content/content-part.ts'
import { oweContent } from '#core/content/owe-content.ts'
import { notify } from '#core/live/notify.ts'
import type { MediaItem, MessageView } from '#sandbox/telegram/control-types.ts'
import { type BotStage, eventually, startBotStage } from '#testing/bot-stage.ts'
import { newContent } from '#testing/payments/content.ts'
import { payOrder } from '#testing/payments/pay-order.ts'

let stage: BotStage
beforeAll(async () => {
  stage = await startBotStage({ hasProducts: true })
})
afterAll(() => stage.close())

const actor = { id: 1n, name: 'Olivia', role: 'owner' } as const
const labels = (message: MessageView) => (message.buttons ?? []).flat().map(({ text }) => text)

/** A file that Telegram knows, as the team sent it once. */
function upload(item: MediaItem): ContentMedia {
  const message = stage.world.sendMedia({ userId: stage.owner.id, chatId: stage.groupId, ...item })
  const media = contentMediaOf(message)
  if (!media) throw new Error('that is no media')
  return media
}

/** A locked content, and somebody who looks at its teaser. */
async function newLook({ credits = 100, media = [upload({ kind: 'photo', caption: 'the whole of it' })] } = {}) {
  const content = await newContent(stage.prisma, { media, title: `Set ${Math.random()}` })
  const user = await stage.newUser({ credits })
  const look = async () => {
    const last = stage.saidTo(user.id).at(-1)?.messageId
    stage.world.sendText({ userId: user.id, text: `/start c_${content.id}` })
    return stage.world.waitForMessage({ chatId: user.id, text: content.title, fromBot: true, afterMessageId: last })
  }
  return { content, user, look, teaser: await look() }
}

const delivered = (userId: number) =>
  stage.saidTo(userId).filter(({ media, protectedContent }) => media && protectedContent)
const chargesOf = (userId: number) =>
  stage.prisma.ledgerEntry.count({ where: { userId: BigInt(userId), kind: 'unlock' } })
const teaserNow = ({ chatId, messageId }: MessageView) => {
  const message = stage.world.getMessage({ chatId, messageId })
  if (!message) throw new Error('the teaser is gone')
  return message
}

describe('the teaser', () => {
  test('says what it is and what it costs, and shows nothing of the media itself', async () => {
    const video = upload({ kind: 'video', durationSeconds: 155, sizeBytes: 14_000_000 })
    const { content, user, teaser } = await newLook({ media: [video] })
    expect(teaser.text).toBe(`🔒 ${content.title}\nNine minutes of sun\nVideo · 2:35 · 14 MB`)
    expect(teaser.media).toBeUndefined()
    expect(labels(teaser)).toEqual(['🔓 Unlock for 50 credits', '💳 Unlock for $5.00'])
    expect(delivered(user.id)).toEqual([])
  })

  test('shows the preview picture that was chosen, or only words when Telegram lost that', async () => {
    const { content, look } = await newLook()
    const preview = upload({ kind: 'photo' })
    await changePreview(stage.prisma, { contentId: content.id, previewFileId: preview.fileId, actor })
    expect((await look()).media).toMatchObject({ fileId: preview.fileId, spoiler: false })
    await changePreview(stage.prisma, { contentId: content.id, previewFileId: 'lost', actor })
    expect((await look()).media).toBeUndefined()
    await stage.world.waitForMessage({ chatId: stage.groupId, text: `The preview of “${content.title}” is gone` })
  })

  test('of something that is not there is the usual welcome', async () => {
    const user = await stage.newUser()
    stage.world.sendText({ userId: user.id, text: '/start c_999999' })
    await stage.world.waitForMessage({ chatId: user.id, text: 'every message reaches a person' })
  })
})

describe('unlocking for credits', () => {
  test('brings a caption that is longer than a bot may write as a message behind the media', async () => {
    const caption = `${'🌻'.repeat(1_024)} the end`
    const captionEntities = [{ type: 'bold', offset: 2_048, length: 8 }]
    const { user, teaser } = await newLook({ media: [upload({ kind: 'photo', caption, captionEntities })] })
    await stage.tap(teaser, user.id, { label: '🔓 Unlock for 50 credits' })
    const words = await stage.world.waitForMessage({ chatId: user.id, text: caption })
    expect(words).toMatchObject({ protectedContent: true, entities: captionEntities })
    expect(delivered(user.id)).toHaveLength(1)
  })

  test('charges at once and brings the media protected, as it was sent, with what is left', async () => {
    const captionEntities = [{ type: 'italic', offset: 4, length: 5 }]
    const media = [upload({ kind: 'photo', caption: 'the whole of it', captionEntities })]
    const { user, teaser } = await newLook({ media })
    expect((await stage.tap(teaser, user.id, { label: '🔓 Unlock for 50 credits' })).text).toBe(
      'Unlocked. Here it comes.',
    )
    await stage.world.waitForMessage({ chatId: user.id, text: 'the whole of it' })
    await stage.settle()
    expect(stage.saidTo(user.id).map(({ text }) => text)).toContainEqual(
      expect.stringContaining('50 credits spent, you have 50 now.'),
    )
    expect(delivered(user.id)).toMatchObject([{ entities: captionEntities }])
    expect(labels(teaserNow(teaser))).toEqual(['▶️ Send it to me'])
    expect(await stage.accountOf(user.id)).toMatchObject({ paid: 50 })
  })

  test.each(['video', 'animation', 'audio', 'document', 'voice', 'video_note'] as const)(
    'brings a %s as what it is, protected',
    async (kind) => {
      const { user, teaser } = await newLook({ media: [upload({ kind })] })
      await stage.tap(teaser, user.id, { label: '🔓 Unlock for 50 credits' })
      const found = await eventually(
        () => delivered(user.id),
        ({ length }) => length > 0,
      )
      expect(found.map(({ media }) => media?.kind)).toEqual([kind])
    },
  )

  test('brings an album as one', async () => {
    const media = [upload({ kind: 'photo' }), upload({ kind: 'video' }), upload({ kind: 'photo' })]
    const { content, user, teaser } = await newLook({ media })
    await stage.tap(teaser, user.id, { label: '🔓 Unlock for 50 credits' })
    const parts = await eventually(
      () => delivered(user.id),
      (found) => found.length === 3,
    )
    expect(new Set(parts.map(({ albumId }) => albumId)).size).toBe(1)
    expect(parts.map(({ text }) => text)).toEqual([content.title, undefined, undefined])
    expect(parts.map((part) => part.media?.kind)).toEqual(['photo', 'video', 'photo'])
  })

  test('from two devices at once costs once and comes once', async () => {
    const { user, teaser } = await newLook({ credits: 200 })
    const label = '🔓 Unlock for 50 credits'
    await Promise.all([1, 2, 3].map(() => stage.tap(teaser, user.id, { label })))
    await stage.settle()
    expect(await chargesOf(user.id)).toBe(1)
    expect(delivered(user.id)).toHaveLength(1)
  })

  test('with too little says what it costs and what there is, with what can be bought', async () => {
    const { user, content, teaser } = await newLook({ credits: 49 })
    await stage.tap(teaser, user.id, { label: '🔓 Unlock for 50 credits' })
    const answer = await stage.world.waitForMessage({ chatId: user.id, text: 'Nothing was charged' })
    expect(answer.text).toBe(`“${content.title}” costs 50 credits and you have 49. Nothing was charged.`)
    expect(labels(answer)).toHaveLength(8)
    expect(await chargesOf(user.id)).toBe(0)
  })

  test('at a price that has changed charges nothing and shows the new one', async () => {
    const { user, content, teaser } = await newLook()
    await stage.prisma.content.update({ where: { id: content.id }, data: { priceCredits: 60 } })
    const said = await stage.tap(teaser, user.id, { label: '🔓 Unlock for 50 credits' })
    expect(said.text).toContain('The price has changed')
    await stage.settle()
    expect(labels(teaserNow(teaser))).toEqual(['🔓 Unlock for 60 credits', '💳 Unlock for $5.00'])
    expect(await chargesOf(user.id)).toBe(0)
  })

  test('after it was taken off sale charges nothing and leaves no button', async () => {
    const { user, content, teaser } = await newLook()
    await setContentActive(stage.prisma, { contentId: content.id, active: false, actor })
    const said = await stage.tap(teaser, user.id, { label: '🔓 Unlock for 50 credits' })
    expect(said.text).toBe('This is not on sale any more.')
    await stage.settle()
    expect(labels(teaserNow(teaser))).toEqual([])
  })
})

describe('a delivery that fails', () => {
  test('because the user stopped the bot charges nothing more and is caught up on from /purchases', async () => {
    const { user, content, teaser } = await newLook()
    const fault = stage.world.addFault({ kind: '403', method: 'sendPhoto', chatId: user.id, times: 0 })
    await stage.tap(teaser, user.id, { label: '🔓 Unlock for 50 credits' })
    await stage.settle()
    expect(delivered(user.id)).toEqual([])
    stage.world.removeFault(fault)
    stage.world.sendText({ userId: user.id, text: '/purchases' })
    const list = await stage.world.waitForMessage({ chatId: user.id, text: 'Your content' })
    expect((await stage.tap(list, user.id, { label: `▶️ ${content.title}` })).text).toBe('It is on its way.')
    await stage.settle()
    expect(delivered(user.id)).toHaveLength(1)
    expect(await chargesOf(user.id)).toBe(1)
  })

  test('because Telegram lost the file tells buyer and owner, and new media goes to whoever had not got it', async () => {
    const { user, content, teaser } = await newLook()
    await stage.prisma.contentPart.updateMany({ where: { contentId: content.id }, data: { fileId: 'lost' } })
    await stage.tap(teaser, user.id, { label: '🔓 Unlock for 50 credits' })
    await stage.world.waitForMessage({ chatId: user.id, text: 'It stays yours, nothing more is charged' })
    await stage.world.waitForMessage({ chatId: stage.groupId, text: `“${content.title}” cannot be delivered` })
    await stage.settle()
    await replaceMedia(stage.prisma, { contentId: content.id, media: [upload({ kind: 'photo' })], actor })
    await eventually(
      () => delivered(user.id).length,
      (count) => count === 1,
    )
    await stage.settle()
    expect(delivered(user.id)).toHaveLength(1)
    expect(await chargesOf(user.id)).toBe(1)
    const alert = await stage.prisma.alert.findUnique({ where: { key: `content-file:${content.id}` } })
    expect(alert?.resolvedAt).not.toBeNull()
  })

  test('because Telegram refuses the media for a reason we do not know tells buyer and owner as well', async () => {
    const { user, content, teaser } = await newLook()
    const description = 'Bad Request: PHOTO_INVALID_DIMENSIONS'
    stage.world.addFault({ kind: '400', method: 'sendPhoto', chatId: user.id, description })
    await stage.tap(teaser, user.id, { label: '🔓 Unlock for 50 credits' })
    await stage.world.waitForMessage({ chatId: user.id, text: 'It stays yours, nothing more is charged' })
    await stage.world.waitForMessage({ chatId: stage.groupId, text: `“${content.title}” cannot be delivered` })
  })

  test('because their settings refuse voice messages says how to get it', async () => {
    const { user, teaser } = await newLook({ media: [upload({ kind: 'voice' })] })
    const description = 'Bad Request: VOICE_MESSAGES_FORBIDDEN'
    stage.world.addFault({ kind: '400', method: 'sendVoice', chatId: user.id, description })
    await stage.tap(teaser, user.id, { label: '🔓 Unlock for 50 credits' })
    await stage.world.waitForMessage({ chatId: user.id, text: 'your Telegram settings refuse' })
    await stage.settle()
    await stage.tap(teaserNow(teaser), user.id, { label: '▶️ Send it to me' })
    await stage.settle()
    expect(delivered(user.id)).toHaveLength(1)
  })

  test('because an answer was lost brings it again rather than not at all', async () => {
    const { user, teaser } = await newLook()
    stage.world.addFault({ kind: 'drop-before', method: 'sendPhoto', chatId: user.id })
    await stage.tap(teaser, user.id, { label: '🔓 Unlock for 50 credits' })
    await stage.settle()
    expect(delivered(user.id)).toHaveLength(1)
  })
})

describe('unlocking for money', () => {
  test('leads to a pay link; paid, the media comes by itself and the teaser sells nothing more', async () => {
    const { user, content, teaser } = await newLook({ credits: 0 })
    await stage.tap(teaser, user.id, { label: '💳 Unlock for $5.00' })
    const offer = await stage.world.waitForMessage({ chatId: user.id, text: 'stays valid for 7 days' })
    const order = await stage.prisma.order.findFirstOrThrow({ where: { userId: BigInt(user.id) } })
    expect(order).toMatchObject({ kind: 'content', contentId: content.id, priceMinor: 500 })
    expect(offer.buttons?.flat().map(({ url }) => url)).toEqual([`${stage.publicUrl}/checkout/${order.token}`])
    expect(await payOrder(stage.prisma, order)).toMatchObject({ status: 'granted' })
    await stage.world.waitForMessage({ chatId: user.id, text: `✅ Paid, thank you. Here is ${content.title}.` })
    await stage.settle()
    expect(delivered(user.id)).toHaveLength(1)
    const said = await stage.tap(teaserNow(teaser), user.id, { label: '💳 Unlock for $5.00' })
    expect(said.text).toContain('This is yours already')
    await stage.settle()
    expect(labels(teaserNow(teaser))).toEqual(['▶️ Send it to me'])
  })

  test('tapped twice makes one order', async () => {
    const { user, teaser } = await newLook()
    await Promise.all([1, 2].map(() => stage.tap(teaser, user.id, { label: '💳 Unlock for $5.00' })))
    await stage.settle()
    expect(await stage.prisma.order.count({ where: { userId: BigInt(user.id) } })).toBe(1)
  })
})

test.each(['ul1:c:1', 'ul1:c:1:0x5', 'ul1:m:-1:5', 'ul1:r:99999999999', 'ul1:c:999999:50', 'ul1:m:999999:500'])(
  'callback data that was never issued (%s) is answered and does nothing',
  async (data) => {
    const { user, teaser } = await newLook()
    expect((await stage.tap(teaser, user.id, { data })).text).toBeTruthy()
    expect(await chargesOf(user.id)).toBe(0)
  },
)

test('what is owed to somebody whose right was withdrawn meanwhile is not brought', async () => {
  const { user, content, teaser } = await newLook()
  await stage.tap(teaser, user.id, { label: '🔓 Unlock for 50 credits' })
  await stage.settle()
  const userId = BigInt(user.id)
  await stage.prisma.$transaction(async (tx) => {
    await oweContent(tx, { contentId: content.id, userId })
    await tx.unlock.updateMany({ where: { userId }, data: { withdrawnAt: new Date() } })
  })
  await stage.settle()
  expect(delivered(user.id)).toHaveLength(1)
})

test('while only Stars are taken, the teaser offers Stars or nothing beside credits', async () => {
  const { content, look } = await newLook()
  await stage.prisma.setting.create({ data: { key: 'rails', value: 'stars', updatedBy: 'test' } })
  await notify(stage.prisma, 'settings')
  await eventually(
    async () => labels(await look()),
    (shown) => shown.length === 1,
  )
  await stage.prisma.product.update({ where: { contentId: content.id }, data: { priceStars: 250 } })
  expect(labels(await look())).toEqual(['🔓 Unlock for 50 credits', '💳 Unlock for ⭐ 250'])
  await stage.prisma.setting.delete({ where: { key: 'rails' } })
  await notify(stage.prisma, 'settings')
  await eventually(
    async () => labels(await look()),
    (shown) => shown.includes('💳 Unlock for $5.00'),
  )
})

test('somebody who unlocked nothing gets nothing sent, whatever they press', async () => {
  const { user, content, teaser } = await newLook()
  const other = await stage.newUser()
  stage.world.sendText({ userId: other.id, text: '/purchases' })
  const list = await stage.world.waitForMessage({ chatId: other.id, text: 'You have not unlocked anything yet.' })
  await stage.tap(teaser, user.id, { label: '🔓 Unlock for 50 credits' })
  const said = await stage.tap(list, other.id, { data: `ul1:r:${content.id}` })
  expect(said.text).toBe("This isn't yours. Nothing was sent.")
  await stage.settle()
  expect(delivered(other.id)).toEqual([])
})
