import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Api, InputFile } from 'grammy'
import { expect, test } from 'vitest'
import { startPlay, testToken } from './test-play.ts'

const folder = process.env['WIRE_VALIDATORS']
const validator = folder === undefined ? '' : join(folder, 'tg-validate.mjs')
const mediaKinds = [
  'photo',
  'video',
  'animation',
  'voice',
  'video_note',
  'audio',
  'document',
  'sticker',
  'location',
  'venue',
  'contact',
  'poll',
  'dice',
] as const

type Play = Awaited<ReturnType<typeof startPlay>>

async function playEverything({ world, url }: Play): Promise<void> {
  const api = new Api(testToken, { apiRoot: url })
  const kinds = [
    'message',
    'edited_message',
    'callback_query',
    'my_chat_member',
    'chat_member',
    'message_reaction',
    'pre_checkout_query',
    'subscription',
    'poll',
    'poll_answer',
  ] as const
  await api.getUpdates({ allowed_updates: kinds })
  const user = world.createUser({
    firstName: 'Bob',
    lastName: 'B',
    username: 'bobby',
    languageCode: 'en',
    isPremium: true,
  }).id
  const owner = world.createUser({ firstName: '<Ada>' }).id
  const chat = world.createForum({ ownerId: owner, memberIds: [user] }).id
  await playPrivate(api, world, user)
  await playForum(api, world, { user, owner, chat })
  await playPayments(api, world, user)
  await playMethods(api, { user, chat })
  await api.getUpdates({ timeout: 0, limit: 100 })
}

async function playPrivate(api: Api, world: Play['world'], user: number): Promise<void> {
  for (const kind of mediaKinds) {
    const { message_id: id } = world.sendMedia({
      userId: user,
      kind,
      ...(kind === 'photo' ? { caption: 'see /help', spoiler: true } : {}),
    })
    await api.copyMessage(user, user, id)
    await api.forwardMessage(user, user, id)
  }
  const text = world.sendText({ userId: user, text: '/start now https://example.org' })
  world.sendText({ userId: user, text: 'reply', replyTo: text.message_id, quote: 'now' })
  world.forwardMessage({ userId: user, fromChatId: user, messageId: text.message_id })
  world.editMessage({ chatId: user, messageId: text.message_id, text: 'edited' })
  world.react({ userId: user, chatId: user, messageId: text.message_id, emoji: ['👍'] })
  await world.sendAlbum({ userId: user, items: [{ kind: 'document' }, { kind: 'document' }] })
  const menu = await api.sendMessage(user, 'menu', {
    reply_markup: { inline_keyboard: [[{ text: 'a', callback_data: 'a' }]] },
  })
  world.pressButton({ userId: user, chatId: user, messageId: menu.message_id, label: 'a' })
  world.pressButton({ userId: user, chatId: user, messageId: 999_999, data: 'old' })
  await api.editMessageText(user, menu.message_id, 'new <b>menu</b>', { parse_mode: 'HTML' })
  await api.pinChatMessage(user, menu.message_id)
  world.blockBot({ userId: user })
  world.unblockBot({ userId: user })
}

async function playForum(
  api: Api,
  world: Play['world'],
  at: { user: number; owner: number; chat: number },
): Promise<void> {
  const { user, owner, chat } = at
  const icons = await api.getForumTopicIconStickers()
  const topic = await api.createForumTopic(chat, 'topic', { icon_custom_emoji_id: icons[0]?.custom_emoji_id ?? '' })
  const thread = { message_thread_id: topic.message_thread_id }
  const card = await api.sendPhoto(chat, new InputFile(Buffer.from('x'), 'x.png'), { ...thread, caption: 'card' })
  await api.pinChatMessage(chat, card.message_id, { disable_notification: true })
  await api.editMessageCaption(chat, card.message_id, { caption: 'card 2' })
  await api.editMessageMedia(chat, card.message_id, {
    type: 'document',
    media: new InputFile(Buffer.from('y'), 'y.txt'),
    caption: 'doc',
  })
  await api.editForumTopic(chat, topic.message_thread_id, { name: 'renamed' })
  await api.closeForumTopic(chat, topic.message_thread_id)
  await api.reopenForumTopic(chat, topic.message_thread_id)
  const written = world.sendText({ userId: owner, chatId: chat, threadId: topic.message_thread_id, text: 'answer' })
  world.sendText({ userId: owner, chatId: chat, threadId: topic.message_thread_id, text: 'anon', anonymous: true })
  await api.copyMessage(user, chat, written.message_id)
  await api.copyMessages(user, chat, [written.message_id, written.message_id + 1])
  await api.setMessageReaction(chat, written.message_id, [{ type: 'emoji', emoji: '👍' }])
  const poll = await api.sendPoll(chat, 'Which?', [{ text: 'a' }, { text: 'b' }], { is_anonymous: false })
  world.votePoll({ userId: owner, chatId: chat, messageId: poll.message_id, optionIndexes: [1] })
  await api.stopPoll(chat, poll.message_id)
  world.removeMember({ chatId: chat, userId: user })
  world.setChatTitle({ chatId: chat, title: 'Team 2' })
  world.setBotMembership({ chatId: chat, rights: { can_change_info: false } })
  const basic = world.createGroup({ kind: 'group', ownerId: owner }).id
  world.migrateGroup({ chatId: basic })
  await api.deleteForumTopic(chat, topic.message_thread_id)
}

async function playPayments(api: Api, world: Play['world'], user: number): Promise<void> {
  const invoice = await api.sendInvoice(user, 'Ten', 'Ten credits', 'p', 'XTR', [{ label: 'x', amount: 5 }])
  const once = await payWithConsent(api, () =>
    world.payInvoice({ userId: user, chatId: user, messageId: invoice.message_id }),
  )
  await api.refundStarPayment(user, once)
  const link = await api.createInvoiceLink('Monthly', 'Each month', 'm', '', 'XTR', [{ label: 'x', amount: 9 }], {
    subscription_period: 2_592_000,
  })
  const monthly = await payWithConsent(api, () => world.payInvoice({ userId: user, link }))
  world.letStarMonthPass({ chargeId: monthly })
  world.changeStarSubscription({ chargeId: monthly, change: 'cancel' })
  world.changeStarSubscription({ chargeId: monthly, change: 'resume' })
  await api.editUserStarSubscription(user, monthly, true)
  await api.editUserStarSubscription(user, monthly, false)
  world.withdrawStars({ amount: 1 })
  await api.getStarTransactions()
  await api.getMyStarBalance()
}

async function payWithConsent(api: Api, pay: () => ReturnType<Play['world']['payInvoice']>): Promise<string> {
  const paying = pay()
  const [asked] = await api.getUpdates({ offset: -1 })
  await api.answerPreCheckoutQuery(asked?.pre_checkout_query?.id ?? '', true)
  const paid = await paying
  if (paid.status !== 'paid') throw new Error(paid.status)
  return paid.chargeId
}

async function playMethods(api: Api, { user, chat }: { user: number; chat: number }): Promise<void> {
  await api.getMe()
  await api.getChat(chat)
  await api.getChat(user)
  await api.getChatMember(chat, user)
  await api.getChatAdministrators(chat)
  await api.getChatMemberCount(chat)
  await api.getWebhookInfo()
  await api.setMyCommands([{ command: 'a', description: 'b' }], { scope: { type: 'all_private_chats' } })
  await api.getMyCommands()
  await api.getMyName()
  await api.getChatMenuButton()
  await api.getUserProfilePhotos(user)
  await api.sendVenue(user, 1, 2, 'here', 'street')
  await api.sendContact(user, '+1', 'Al')
  await api.sendLocation(user, 1, 2)
  await api.sendDice(user, '🎲')
  await api.sendChatAction(user, 'typing')
  await api.sendMediaGroup(user, [
    { type: 'photo', media: new InputFile(Buffer.from('a')) },
    { type: 'video', media: new InputFile(Buffer.from('b')), has_spoiler: true },
  ])
}

test('everything the stand-in accepts, answers and tells is valid Bot API', async ({ annotate }) => {
  const play = await startPlay()
  await playEverything(play)
  await play.standIn.flushTraffic()
  await play.standIn.close()
  const file = (name: string) => join(play.trafficLog, `${name}.jsonl`)
  expect(play.world.violations()).toEqual([])
  const lines = readFileSync(file('updates'), 'utf8').trim().split('\n')
  expect(lines.length).toBeGreaterThan(30)
  expect(new Set(lines.map((line) => Object.keys(JSON.parse(line) as object)[1]))).toEqual(
    new Set([
      'message',
      'edited_message',
      'callback_query',
      'my_chat_member',
      'chat_member',
      'message_reaction',
      'pre_checkout_query',
      'subscription',
      'poll',
      'poll_answer',
    ]),
  )
  if (!existsSync(validator)) {
    await annotate(
      'WIRE_VALIDATORS names no folder with tg-validate.mjs: the traffic was not checked against the types',
    )
    return
  }
  expect(validate(file('requests'), '--wire')).toBe('')
  expect(validate(file('results'), '--result')).toBe('')
  expect(validate(file('updates'), '--update')).toBe('')
})

/** What the validator complains of; nothing if all is well. */
function validate(path: string, mode: string): string {
  try {
    return execFileSync('node', [validator, mode, '--quiet', path], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    })
  } catch (error) {
    return (error as { stdout?: string }).stdout ?? String(error)
  }
}
