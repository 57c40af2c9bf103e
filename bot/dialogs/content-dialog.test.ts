import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { contentMediaOf } from '#core/content/content-part.ts'
import type { MessageView } from '#sandbox/telegram/control-types.ts'
import { type BotStage, startBotStage } from '#testing/bot-stage.ts'
import { newContent } from '#testing/payments/content.ts'

let stage: BotStage
let last = 0
beforeAll(async () => {
  stage = await startBotStage()
})
afterAll(() => stage.close())

const inGeneral = () => ({ userId: stage.owner.id, chatId: stage.groupId })
const photo = { kind: 'photo' } as const

/** What the bot says next in General. */
async function next(text: string | RegExp): Promise<MessageView> {
  const match = { chatId: stage.groupId, threadId: 'general', text, fromBot: true, afterMessageId: last } as const
  const message = await stage.world.waitForMessage(match)
  last = message.messageId
  return message
}

const say = (text: string, userId = stage.owner.id) => stage.world.sendText({ ...inGeneral(), userId, text })
const press = (message: MessageView, label: string, userId = stage.owner.id) => stage.tap(message, userId, { label })
const labels = (message: MessageView) => (message.buttons ?? []).flat().map(({ text }) => text)
const contents = () =>
  stage.prisma.content.findMany({
    include: { parts: { orderBy: { position: 'asc' } }, product: true },
    orderBy: { id: 'desc' },
  })

async function openMenu(): Promise<MessageView> {
  say('/content')
  return next('ocked content')
}

async function beginAdding(): Promise<MessageView> {
  await press(await openMenu(), '➕ Add')
  return next('Send the photo, video or file to lock')
}

describe('adding content in General', () => {
  test('an album with everything: it is on sale, with a preview, a product and an audit row', async () => {
    await beginAdding()
    await stage.world.sendAlbum({ ...inGeneral(), items: [{ ...photo, caption: 'first' }, { kind: 'video' }, photo] })
    await next('What is it called?')
    say('Beach set')
    await next('Describe it')
    say('Nine minutes of sun')
    await next('What does it cost?')
    say('50 credits or $5')
    await next('Send a picture that everybody may see')
    const preview = stage.world.sendMedia({ ...inGeneral(), ...photo })
    const teaser = await next('🔒 Beach set')
    expect(teaser.text).toContain('2 × Photo, Video')
    expect(teaser.media?.fileId).toBe(contentMediaOf(preview)?.fileId)
    const question = await next('with the price 50 credits or $5.00 on its buttons')
    expect(await stage.prisma.content.count()).toBe(0)
    await press(question, 'Put on sale')
    const done = await next('🔓 Beach set is on sale as c')
    const [content] = await contents()
    expect(done.text).toContain(`https://telegram.test/paydesk_bot?start=c_${content?.id}`)
    expect(content).toMatchObject({
      title: 'Beach set',
      description: 'Nine minutes of sun',
      priceCredits: 50,
      previewFileId: teaser.media?.fileId,
      product: { kind: 'content', priceMinor: 500, currency: 'usd', active: true },
    })
    expect(content?.parts.map(({ kind, caption }) => [kind, caption])).toEqual([
      ['photo', 'first'],
      ['video', null],
      ['photo', null],
    ])
    const audit = await stage.prisma.auditEntry.findFirst({ where: { target: `content:${content?.id}` } })
    expect(audit).toMatchObject({ action: 'content.add', actorId: BigInt(stage.owner.id) })
  })

  test('asks again for what does not fit, and takes skips', async () => {
    await beginAdding()
    say('no media')
    await next('A photo, video, audio or file, please')
    stage.world.sendMedia({ ...inGeneral(), kind: 'document', fileName: 'book.pdf' })
    await next('What is it called?')
    say('x'.repeat(101))
    await next('A title of at most 100 characters')
    say('Book')
    await press(await next('Describe it'), 'Skip')
    await next('What does it cost?')
    for (const [wrong, said] of [
      ['cheap', "I can't read that price"],
      ['50 and a bit', "I can't read that price"],
      ['5 eur', 'Your shop takes USD only'],
      ['$0.01', "That price can't be charged"],
    ] as const) {
      say(wrong)
      await next(said)
    }
    say('7')
    const asked = await next('Send a picture that everybody may see')
    stage.world.sendMedia({ ...inGeneral(), kind: 'video' })
    await next('A picture sent as a photo, please.')
    await press(asked, 'Skip')
    expect((await next('🔒 Book')).media).toBeUndefined()
    await press(await next('with the price 7 credits on its buttons'), 'Put on sale')
    await next('🔓 Book is on sale')
    const [content] = await contents()
    expect(content).toMatchObject({ description: null, priceCredits: 7, previewFileId: null, product: null })
  })

  test.each([0, 1, 2, 3, 4, 5])('cancelled after %d answers adds nothing', async (answers) => {
    const before = await stage.prisma.content.count()
    let question = await beginAdding()
    const steps = [
      () => void stage.world.sendMedia({ ...inGeneral(), ...photo }),
      () => void say('Title'),
      () => press(question, 'Skip'),
      () => void say('5'),
      () => press(question, 'Skip'),
    ]
    const questions = [
      'What is it called?',
      'Describe it',
      'What does it cost?',
      'that everybody may see',
      'Put it on sale?',
    ]
    for (const [index, step] of steps.slice(0, answers).entries()) {
      await step()
      question = await next(questions[index] ?? '')
    }
    await press(question, 'Cancel')
    await next('Cancelled, nothing changed.')
    expect(await stage.prisma.content.count()).toBe(before)
  })

  test('goes on after a restart in the middle, with the whole album', async () => {
    await beginAdding()
    await stage.world.sendAlbum({ ...inGeneral(), items: [photo, photo] })
    await next('What is it called?')
    await stage.settle()
    await stage.restart()
    say('Kept')
    await press(await next('Describe it'), 'Skip')
    await next('What does it cost?')
    say('5')
    await press(await next('that everybody may see'), 'Skip')
    await press(await next('Put it on sale?'), 'Put on sale')
    await next('🔓 Kept is on sale')
    expect((await contents())[0]?.parts).toHaveLength(2)
  })

  test('twice on the last button adds it once', async () => {
    const before = await stage.prisma.content.count()
    await beginAdding()
    stage.world.sendMedia({ ...inGeneral(), ...photo })
    await next('What is it called?')
    say('Once')
    await press(await next('Describe it'), 'Skip')
    await next('What does it cost?')
    say('5')
    await press(await next('that everybody may see'), 'Skip')
    const question = await next('Put it on sale?')
    await Promise.all([press(question, 'Put on sale'), press(question, 'Put on sale')])
    await next('🔓 Once is on sale')
    await stage.settle()
    expect(await stage.prisma.content.count()).toBe(before + 1)
  })

  test('whoever lost the role in the middle adds nothing', async () => {
    const member = await stage.newMember('admin', 'Dora')
    const before = await stage.prisma.content.count()
    say('/content', member.id)
    await press(await next('ocked content'), '➕ Add', member.id)
    await next('Send the photo')
    stage.world.sendMedia({ ...inGeneral(), userId: member.id, ...photo })
    await next('What is it called?')
    say('Mine', member.id)
    await press(await next('Describe it'), 'Skip', member.id)
    await next('What does it cost?')
    say('5', member.id)
    await press(await next('that everybody may see'), 'Skip', member.id)
    const question = await next('Put it on sale?')
    await stage.prisma.teamMember.update({ where: { id: BigInt(member.id) }, data: { role: 'agent' } })
    await press(question, 'Put on sale', member.id)
    await next("Your role doesn't allow this.")
    expect(await stage.prisma.content.count()).toBe(before)
  })
})

describe('changing content', () => {
  async function openItem() {
    const content = await newContent(stage.prisma, { title: `Set ${Math.random()}` })
    const owner = await stage.newUser()
    await stage.prisma.unlock.create({ data: { contentId: content.id, userId: BigInt(owner.id), source: 'test' } })
    const menu = await openMenu()
    await press(menu, `🔒 ${content.title}`)
    const item = await stage.world.waitFor(() => {
      const now = stage.world.getMessage({ chatId: stage.groupId, messageId: menu.messageId })
      return now?.text?.includes(`c${content.id}`) ? now : null
    })
    const rights = () => stage.prisma.unlock.findMany({ where: { contentId: content.id } })
    return { content, item, rights, before: await rights() }
  }

  /** These rights were made up for the occasion. */
  const forget = (contentId: number) => stage.prisma.unlock.deleteMany({ where: { contentId } })

  test('the preview and the media change nobody’s right', async () => {
    const { content, item, rights, before } = await openItem()
    expect(item.text).toContain('unlocked by 1')
    await press(item, '🖼 Change preview')
    await next('Send a picture that everybody may see')
    const preview = stage.world.sendMedia({ ...inGeneral(), ...photo })
    await next('The preview has changed.')
    await press(item, '🔁 Replace media')
    await next('Send the photo, video or file to lock')
    const media = stage.world.sendMedia({ ...inGeneral(), kind: 'video' })
    await next('The media has changed.')
    const now = (await contents()).find(({ id }) => id === content.id)
    expect(now?.previewFileId).toBe(contentMediaOf(preview)?.fileId)
    expect(now?.parts.map(({ fileId }) => fileId)).toEqual([contentMediaOf(media)?.fileId])
    expect(await rights()).toEqual(before)
    const acts = await stage.prisma.auditEntry.findMany({
      where: { target: `content:${content.id}` },
      orderBy: { id: 'asc' },
    })
    expect(acts.map(({ action }) => action)).toEqual(['content.add', 'content.preview', 'content.media'])
    await forget(content.id)
  })

  test('off sale and on sale again, and who has it keeps it', async () => {
    const { content, item, rights, before } = await openItem()
    await press(item, 'Take off sale')
    const product = () => stage.prisma.product.findUnique({ where: { contentId: content.id } })
    expect(await product()).toMatchObject({ active: false })
    await stage.settle()
    const off = stage.world.getMessage({ chatId: item.chatId, messageId: item.messageId })
    expect(off?.text).toContain('Not on sale')
    await stage.tap(item, stage.owner.id, { data: `n1:on:${content.id}` })
    expect(await product()).toMatchObject({ active: true })
    expect(await rights()).toEqual(before)
    await forget(content.id)
  })

  test.each(['agent', 'viewer', null] as const)('is nothing for a %s', async (role) => {
    const { content, item } = await openItem()
    const member = await stage.newMember(role)
    for (const data of ['n1:l', 'n1:add', `n1:i:${content.id}`, `n1:off:${content.id}`, `n1:pv:${content.id}`]) {
      expect((await stage.tap(item, member.id, { data })).text).toBe("Your role doesn't allow this.")
    }
    say('/content', member.id)
    await next("Your role doesn't allow this.")
    expect(await stage.prisma.content.findUnique({ where: { id: content.id } })).toMatchObject({ active: true })
    await forget(content.id)
  })
})

test('the list goes page by page', async () => {
  for (let made = 0; made < 10; made++) await newContent(stage.prisma, { title: `Page ${made}` })
  const menu = await openMenu()
  const first = labels(menu)
  expect(first.filter((label) => label.startsWith('🔒'))).toHaveLength(8)
  expect(first[0]).toBe('🔒 Page 9')
  await press(menu, 'Older ▶️')
  await stage.settle()
  const second = stage.world.getMessage({ chatId: menu.chatId, messageId: menu.messageId })
  expect(labels(second ?? menu)).toEqual(expect.arrayContaining(['🔒 Page 1', '🔒 Page 0', '⏮ Newest']))
})
