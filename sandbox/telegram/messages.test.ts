import { Api, InputFile } from 'grammy'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { refusalOf, startPlay, testToken } from './test-play.ts'

let play: Awaited<ReturnType<typeof startPlay>>
let api: Api
let userId: number

beforeEach(async () => {
  play = await startPlay({ callbackDeadlineMs: 10_000 })
  api = new Api(testToken, { apiRoot: play.url })
  userId = play.world.createUser({ firstName: 'Bob' }).id
})
afterEach(() => play.standIn.close())

describe('text', () => {
  test('is parsed, trimmed and given entities', async () => {
    const html = await api.sendMessage(userId, ' <b>Hi</b> &amp; <a href="https://example.org/a">see</a> /start ', {
      parse_mode: 'HTML',
    })
    expect(html.text).toBe('Hi & see /start')
    expect(html.entities).toEqual([
      { type: 'bold', offset: 0, length: 2 },
      { type: 'text_link', offset: 5, length: 3, url: 'https://example.org/a' },
      { type: 'bot_command', offset: 9, length: 6 },
    ])
    const markdown = await api.sendMessage(userId, '*bold _it_* `x` ||s|| \\.\n>quote', { parse_mode: 'MarkdownV2' })
    expect(markdown.text).toBe('bold it x s .\nquote')
    expect(markdown.entities?.map(({ type }) => type)).toEqual(['bold', 'italic', 'code', 'spoiler', 'blockquote'])
  })

  test('that says itself where a command is gets no second one there', async () => {
    const given = [
      { type: 'bot_command' as const, offset: 2, length: 2 },
      { type: 'italic' as const, offset: 6, length: 1 },
    ]
    const { entities } = await api.sendMessage(userId, '</b> /c', { entities: given })
    expect(entities).toEqual([
      { type: 'bot_command', offset: 2, length: 2 },
      { type: 'bot_command', offset: 5, length: 2 },
      { type: 'italic', offset: 6, length: 1 },
    ])
  })

  test.each([
    ['HTML', '<b>x', `can't parse entities: Can't find end tag corresponding to start tag "b"`],
    ['HTML', '<blink>x</blink>', `can't parse entities: Unsupported start tag "blink" at byte offset 0`],
    ['HTML', 'é<b>x</i>', `can't parse entities: Unmatched end tag at byte offset 6, expected "</b>", found "</i>"`],
    ['HTML', '1 < 2', `can't parse entities: Unsupported start tag "" at byte offset 2`],
    [
      'MarkdownV2',
      'a.b',
      `can't parse entities: Character '.' is reserved and must be escaped with the preceding '\\'`,
    ],
    ['MarkdownV2', 'é *x', `can't parse entities: Can't find end of Bold entity at byte offset 3`],
  ] as const)('%s %s is refused as the real parser does', async (mode, text, error) => {
    expect(await refusalOf(api.sendMessage(userId, text, { parse_mode: mode }))).toBe(`400 Bad Request: ${error}`)
  })

  test('has 1 to 4096 characters, counted as people count', async () => {
    await api.sendMessage(userId, '😀'.repeat(4096))
    expect(await refusalOf(api.sendMessage(userId, 'x'.repeat(4097)))).toBe('400 Bad Request: message is too long')
    expect(await refusalOf(api.sendMessage(userId, ''))).toBe('400 Bad Request: message text is empty')
    expect(await refusalOf(api.sendMessage(userId, ' \n '))).toBe('400 Bad Request: message text is empty')
    expect(await refusalOf(api.sendMessage(999, 'x'))).toBe('400 Bad Request: chat not found')
  })

  test('cannot be edited into what it is, nor by others', async () => {
    const { message_id: id } = await api.sendMessage(userId, 'one')
    await api.editMessageText(userId, id, 'two')
    expect(await refusalOf(api.editMessageText(userId, id, 'two'))).toMatch(
      /^400 Bad Request: message is not modified: specified new/,
    )
    const theirs = play.world.sendText({ userId, text: 'mine' })
    expect(await refusalOf(api.editMessageText(userId, theirs.message_id, 'x'))).toBe(
      "400 Bad Request: message can't be edited",
    )
    expect(await refusalOf(api.editMessageText(userId, 9999, 'x'))).toBe('400 Bad Request: message to edit not found')
  })

  test('replies must name a message that is there', async () => {
    const { message_id: id } = play.world.sendText({ userId, text: 'question' })
    const reply = await api.sendMessage(userId, 'answer', { reply_parameters: { message_id: id } })
    expect(reply.reply_to_message?.text).toBe('question')
    const lost = api.sendMessage(userId, 'answer', { reply_parameters: { message_id: 777 } })
    expect(await refusalOf(lost)).toBe('400 Bad Request: message to be replied not found')
    const calm = await api.sendMessage(userId, 'x', {
      reply_parameters: { message_id: 777, allow_sending_without_reply: true },
    })
    expect(calm).not.toHaveProperty('reply_to_message')
  })
})

describe('copies', () => {
  test('every kind a person can send is copied as it is, with a caption where one may be', async () => {
    const kinds = [
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
    for (const kind of kinds) {
      const source = play.world.sendMedia({ userId, kind })
      const { message_id: id } = await api.copyMessage(userId, userId, source.message_id, { caption: 'from Bob' })
      const copy = play.world.getMessage({ chatId: userId, messageId: id })
      expect(copy?.wire[kind]).toEqual(source[kind])
      const takesCaption = !['video_note', 'sticker', 'location', 'venue', 'contact', 'poll', 'dice'].includes(kind)
      expect(copy?.text).toBe(takesCaption ? 'from Bob' : undefined)
    }
  })

  test('of many skip what is missing and keep albums together', async () => {
    const album = await play.world.sendAlbum({
      userId,
      items: [{ kind: 'photo' }, { kind: 'photo' }, { kind: 'photo' }],
    })
    const ids = album.map(({ message_id: id }) => id)
    play.world.deleteMessages({ chatId: userId, messageIds: [ids[1] ?? 0] })
    const copied = await api.copyMessages(userId, userId, ids)
    expect(copied).toHaveLength(2)
    const views = copied.map(({ message_id: messageId }) => play.world.getMessage({ chatId: userId, messageId }))
    expect(views[0]?.albumId).toBeDefined()
    expect(views[0]?.albumId).toBe(views[1]?.albumId)
    expect(await refusalOf(api.copyMessages(userId, userId, [3, 2]))).toBe(
      '400 Bad Request: message identifiers must be in a strictly increasing order',
    )
  })

  test('of service and missing messages, and forwards of protected ones, are refused', async () => {
    const open = await api.sendMessage(userId, 'secret', { protect_content: true })
    expect(open.has_protected_content).toBe(true)
    expect(await refusalOf(api.forwardMessage(userId, userId, open.message_id))).toBe(
      "400 Bad Request: message has protected content and can't be forwarded",
    )
    expect(await refusalOf(api.copyMessage(userId, userId, 555))).toBe('400 Bad Request: message to copy not found')
    expect(await refusalOf(api.forwardMessage(userId, userId, 555))).toBe(
      '400 Bad Request: message to forward not found',
    )
  })
})

describe('albums and files', () => {
  test('an album arrives as separate updates with one media_group_id, spaced out on demand', async () => {
    await play.world.sendAlbum({ userId, gapMs: 5, items: [{ kind: 'photo', caption: 'one' }, { kind: 'video' }] })
    const updates = await api.getUpdates()
    expect(updates).toHaveLength(2)
    expect(new Set(updates.map((u) => u.message?.media_group_id)).size).toBe(1)
    expect(updates[0]?.message?.caption).toBe('one')
  })

  test('an uploaded album comes back with file ids that can be sent and downloaded', async () => {
    const sent = await api.sendMediaGroup(userId, [
      { type: 'photo', media: new InputFile(Buffer.from('first'), 'a.jpg'), caption: '<b>c</b>', parse_mode: 'HTML' },
      { type: 'photo', media: new InputFile(Buffer.from('second'), 'b.jpg') },
    ])
    expect(sent).toHaveLength(2)
    expect(sent[0]?.caption_entities).toEqual([{ type: 'bold', offset: 0, length: 1 }])
    const fileId = (sent[1] && 'photo' in sent[1] ? sent[1].photo.at(-1)?.file_id : undefined) ?? ''
    const again = await api.sendPhoto(userId, fileId)
    expect(again.photo.at(-1)?.file_id).toBe(fileId)
    const file = await api.getFile(fileId)
    const bytes = await fetch(`${play.url}/file/bot${testToken}/${file.file_path}`)
    expect(await bytes.text()).toBe('second')
    expect((await api.getFile(fileId)).file_path).not.toBe(file.file_path)
    expect(await refusalOf(api.sendVideo(userId, fileId))).toBe(
      "400 Bad Request: can't use file of type Photo as Video",
    )
    expect(await refusalOf(api.sendPhoto(userId, 'nonsense'))).toBe(
      '400 Bad Request: wrong file identifier/HTTP URL specified',
    )
  })
})

describe('buttons', () => {
  const keyboard = (data: string) => ({ reply_markup: { inline_keyboard: [[{ text: 'Buy', callback_data: data }]] } })

  test('a tap asks the bot, and the answer reaches the person', async () => {
    const { message_id: messageId } = await api.sendMessage(userId, 'menu', keyboard('buy:1'))
    const { callbackQueryId } = play.world.pressButton({ userId, chatId: userId, messageId, label: 'Buy' })
    const [update] = await api.getUpdates()
    expect(update?.callback_query).toMatchObject({
      id: callbackQueryId,
      data: 'buy:1',
      message: { message_id: messageId },
    })
    await api.answerCallbackQuery(callbackQueryId ?? '', { text: 'Bought', show_alert: true })
    const answer = await play.world.waitForCallbackAnswer(callbackQueryId ?? '')
    expect(answer).toMatchObject({ text: 'Bought', showAlert: true })
  })

  test('data nobody offered, on a message that is gone, comes with an inaccessible message', async () => {
    const { message_id: messageId } = await api.sendMessage(userId, 'menu', keyboard('a'))
    await api.deleteMessage(userId, messageId)
    play.world.pressButton({ userId, chatId: userId, messageId, data: 'forged' })
    const [update] = await api.getUpdates()
    expect(update?.callback_query).toMatchObject({ data: 'forged', message: { message_id: messageId, date: 0 } })
  })

  test('a late answer is refused', async () => {
    const { callbackQueryId } = play.world.pressButton({ userId, chatId: userId, messageId: 1, data: 'x' })
    play.world.advanceClock({ ms: 10_001 })
    expect(await refusalOf(api.answerCallbackQuery(callbackQueryId ?? ''))).toBe(
      '400 Bad Request: query is too old and response timeout expired or query ID is invalid',
    )
  })

  test('bad data and addresses are refused', async () => {
    expect(await refusalOf(api.sendMessage(userId, 'x', keyboard('x'.repeat(65))))).toBe(
      '400 Bad Request: BUTTON_DATA_INVALID',
    )
    const local = api.sendMessage(userId, 'x', {
      reply_markup: { inline_keyboard: [[{ text: 'Go', url: 'http://localhost:3000/a' }]] },
    })
    expect(await refusalOf(local)).toBe(
      "400 Bad Request: inline keyboard button URL 'http://localhost:3000/a' is invalid: Wrong HTTP URL",
    )
    await api.sendMessage(userId, 'x', {
      reply_markup: { inline_keyboard: [[{ text: 'Go', url: 'http://127.0.0.1:3000/a' }]] },
    })
  })
})

describe('reactions', () => {
  test('bots may set one of the allowed emoji', async () => {
    const { message_id: messageId } = play.world.sendText({ userId, text: 'hi' })
    await api.setMessageReaction(userId, messageId, [{ type: 'emoji', emoji: '👌' }])
    expect(play.world.getMessage({ chatId: userId, messageId })?.reactions).toEqual([
      { emoji: '👌', count: 1, mine: false, byBot: true },
    ])
    const check = api.raw.setMessageReaction({
      chat_id: userId,
      message_id: messageId,
      reaction: [{ type: 'emoji', emoji: '✅' as '👍' }],
    })
    expect(await refusalOf(check)).toBe('400 Bad Request: REACTION_INVALID')
    expect(await refusalOf(api.setMessageReaction(userId, 777, [{ type: 'emoji', emoji: '👌' }]))).toBe(
      '400 Bad Request: message to react not found',
    )
  })
})

test('a person edits: the bot receives edited_message with the new text', async () => {
  const { message_id: messageId } = play.world.sendText({ userId, text: 'tpyo' })
  play.world.editMessage({ chatId: userId, messageId, text: 'typo' })
  const updates = await api.getUpdates()
  expect(updates[1]?.edited_message).toMatchObject({ message_id: messageId, text: 'typo' })
  expect(updates[1]?.edited_message?.edit_date).toBeDefined()
  expect(updates[0]?.message?.text).toBe('tpyo')
})

test('commands are offered by scope and language', async () => {
  const german = play.world.createUser({ firstName: 'Uwe', languageCode: 'de' }).id
  const english = [{ command: 'start', description: 'Begin' }]
  await api.setMyCommands(english)
  await api.setMyCommands([{ command: 'start', description: 'Los' }], { language_code: 'de' })
  await api.setMyCommands([{ command: 'admin', description: 'Panel' }], { scope: { type: 'chat', chat_id: userId } })
  expect(play.world.listCommands({ userId: german })[0]?.description).toBe('Los')
  expect(play.world.listCommands({ userId })[0]?.command).toBe('admin')
  expect(await api.getMyCommands()).toEqual(english)
})

describe('a message that nobody can copy or delete', () => {
  test('is not called a missing message when many are copied', async () => {
    expect(await refusalOf(api.copyMessages(userId, userId, [801, 802]))).toBe(
      '400 Bad Request: there are no messages to forward',
    )
    const closed = await api.sendMessage(userId, 'secret', { protect_content: true })
    expect(await refusalOf(api.forwardMessages(userId, userId, [closed.message_id]))).toBe(
      "400 Bad Request: messages can't be forwarded",
    )
  })

  test('is older than 48 hours, in a private chat as in a group where the bot may delete', async () => {
    const chatId = play.world.createForum({ ownerId: userId }).id
    const { message_id: inGroup } = await api.sendMessage(chatId, 'card')
    const { message_id: old } = await api.sendMessage(userId, 'old')
    play.world.advanceClock({ ms: 48 * 3_600_000 + 1000 })
    const { message_id: fresh } = await api.sendMessage(userId, 'fresh')
    expect(await refusalOf(api.deleteMessage(chatId, inGroup))).toBe("400 Bad Request: message can't be deleted")
    expect(await refusalOf(api.deleteMessage(userId, old))).toMatch(/message can't be deleted/)
    expect(await refusalOf(api.deleteMessages(userId, [old, fresh]))).toMatch(/message can't be deleted/)
    expect(play.world.listMessages({ chatId: userId }).map(({ text }) => text)).toEqual(['old', 'fresh'])
    expect(await api.deleteMessages(userId, [fresh, 9999])).toBe(true)
  })
})

test('an edit takes no keyboard but an inline one', async () => {
  const { message_id: id } = await api.sendMessage(userId, 'a')
  const markup = { keyboard: [[{ text: 'b' }]] } as never
  expect(await refusalOf(api.editMessageText(userId, id, 'c', { reply_markup: markup }))).toBe(
    '400 Bad Request: inline keyboard expected',
  )
})
