import type { Message } from 'grammy/types'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { buildRelayCalls } from '#bot/telegram/relay-calls.ts'
import { adoptTopic } from '#core/topics/adopt-topic.ts'
import { retryFailedTopics } from '#core/topics/topic-state.ts'
import type { MediaItem } from '#sandbox/telegram/control-types.ts'
import type { WireEntity } from '#sandbox/telegram/wire.ts'
import { createStage, type Stage, until } from '#testing/outbox/stage.ts'

let stage: Stage
beforeEach(async () => {
  stage = await createStage()
})
afterEach(() => stage.close())

const topics = () => stage.world.listTopics({ chatId: stage.group.id, withDeleted: true })
const write = (userId: number, text: string) => stage.world.sendText({ userId, text })

describe('a first message', () => {
  test('makes the topic with a pinned card and arrives below it as one message with a header', async () => {
    const user = await stage.createUser({ firstName: 'Anna', username: 'anna_b' })
    await stage.accept([write(user.id, 'Hello')], stage.dispatch())
    await stage.untilSent()
    expect(topics()).toMatchObject([{ name: `👤 Anna (${user.id})`, pinnedMessageIds: [expect.any(Number)] }])
    const messages = stage.topicMessages(user.id)
    expect(messages).toHaveLength(1)
    expect(messages[0]?.text).toMatch(/^💬 Text · \u2068Anna\u2069 @anna_b · 🆕 New · #\d+ · 💳 999\nHello$/)
    expect(messages[0]?.buttons?.[0]?.map((button) => button.callback_data)).toEqual([
      `t1:info:${user.id}`,
      `t1:gift:${user.id}`,
      `t1:ban:${user.id}`,
    ])
  })

  test('has its place in the topic recorded, and its row is gone', async () => {
    const user = await stage.createUser()
    await stage.accept([write(user.id, 'Hello')], stage.dispatch())
    await stage.untilSent()
    const { rows } = await stage.database.pool.query(
      'SELECT p.* FROM message_places p JOIN messages m ON m.id = p.message_id',
    )
    expect(rows).toMatchObject([
      {
        topic_chat_id: String(stage.group.id),
        topic_message_id: String(stage.topicMessages(user.id)[0]?.messageId),
      },
    ])
  })

  test('of a burst raced over two dispatchers makes one topic, and the burst keeps its order', async () => {
    const users = await Promise.all(Array.from({ length: 5 }, () => stage.createUser()))
    const texts = Array.from({ length: 8 }, (_, index) => `message ${index}`)
    for (const text of texts) for (const user of users) await stage.accept([write(user.id, text)])
    stage.dispatch()
    stage.dispatch()
    await stage.untilSent()
    expect(topics()).toHaveLength(5)
    for (const user of users) {
      expect(stage.relayedLines(user.id)).toEqual(texts)
    }
  })

  test('whose claim to the topic another process holds waits for that topic instead of making a second', async () => {
    const user = await stage.createUser()
    await stage.accept([write(user.id, 'Hello')])
    await stage.database.pool.query(
      `UPDATE conversations SET topic_state = 'creating', topic_retry_at = now() + interval '1 minute'`,
    )
    stage.dispatch()
    await until(async () => (await stage.openRows()).some(({ error }) => error?.includes('being made')))
    expect(topics()).toEqual([])
    const topic = stage.world.createTopic({ chatId: stage.group.id, userId: stage.owner.id, name: `👤 X (${user.id})` })
    const adopted = await adoptTopic(stage.database.pool, { ...topic, name: topic.name })
    expect(adopted).toMatchObject({ status: 'adopted' })
    await stage.untilSent()
    expect(topics()).toHaveLength(1)
    expect(stage.topicMessages(user.id)).toHaveLength(1)
  })

  test('whose topic turns out to be the second one goes to the first, and the second is deleted', async () => {
    const user = await stage.createUser()
    const name = `👤 X (${user.id})`
    stage.world.addFault({ kind: 'slow-answer', method: 'createForumTopic', delayMs: 500 })
    stage.dispatch()
    await stage.accept([write(user.id, 'Hello')])
    await until(() => topics().length === 1)
    const { threadId } = stage.world.createTopic({ chatId: stage.group.id, userId: stage.owner.id, name })
    expect(await adoptTopic(stage.database.pool, { chatId: stage.group.id, threadId, name })).toMatchObject({
      status: 'adopted',
    })
    await stage.untilSent()
    await until(() => topics().filter(({ deleted }) => !deleted).length === 1)
    expect(topics().find(({ deleted }) => !deleted)?.threadId).toBe(threadId)
    const inFirst = stage.world.listMessages({ chatId: stage.group.id, threadId })
    expect(inFirst.filter(({ text }) => text?.endsWith('\nHello'))).toHaveLength(1)
  })

  test('whose topic was made while the answer was lost takes that topic in', async () => {
    const user = await stage.createUser()
    stage.world.addFault({ kind: 'drop-after-accept', method: 'createForumTopic' })
    stage.dispatch()
    await stage.accept([write(user.id, 'Hello')])
    const [made] = await stage.world.waitFor(() => topics().length > 0 && topics())
    if (!made) throw new Error('No topic')
    await until(async () => (await stage.openRows()).some(({ error }) => error))
    await until(async () => (await adoptTopic(stage.database.pool, made)).status === 'adopted')
    await stage.untilSent()
    expect(topics()).toHaveLength(1)
    expect(stage.topicMessages(user.id)).toHaveLength(1)
  })
})

test('a topic that could not be made because Telegram failed is made a moment later', async () => {
  const user = await stage.createUser()
  stage.world.addFault({ kind: '500', method: 'createForumTopic' })
  await stage.accept([write(user.id, 'Hello')], stage.dispatch())
  await stage.untilSent()
  expect(topics()).toHaveLength(1)
  expect(stage.topicMessages(user.id)).toHaveLength(1)
})

describe('every kind of message', () => {
  const kinds: [string, MediaItem][] = (
    ['photo', 'video', 'animation', 'voice', 'video_note', 'audio', 'document', 'sticker'] as const
  ).map((kind) => [kind, { kind }])
  kinds.push(
    ['location', { kind: 'location' }],
    ['venue', { kind: 'venue' }],
    ['contact', { kind: 'contact' }],
    ['poll', { kind: 'poll' }],
    ['dice', { kind: 'dice' }],
  )

  test.each(kinds)('%s arrives as one message that says whose it is', async (kind, media) => {
    const user = await stage.createUser({ firstName: 'Anna' })
    await stage.accept([stage.world.sendMedia({ userId: user.id, ...media })], stage.dispatch())
    await stage.untilSent()
    const messages = stage.topicMessages(user.id)
    expect(messages).toHaveLength(1)
    const [message] = messages
    expect(message?.media?.kind ?? message?.extra?.kind).toBe(kind)
    expect([message?.text ?? '', ...(message?.buttons ?? []).flat().map(({ text }) => text)].join()).toContain('Anna')
  })

  test('a caption keeps its formatting under the header', async () => {
    const user = await stage.createUser({ firstName: 'Anna' })
    const captionEntities: WireEntity[] = [{ type: 'bold', offset: 4, length: 4 }]
    const photo = stage.world.sendMedia({ userId: user.id, kind: 'photo', caption: '😀 👍 bold', captionEntities })
    await stage.accept([photo], stage.dispatch())
    await stage.untilSent()
    const [message] = stage.topicMessages(user.id)
    const kept = message?.entities?.at(-1)
    expect(message?.text?.endsWith('\n😀 👍 bold')).toBe(true)
    expect(message?.text?.slice(kept?.offset, (kept?.offset ?? 0) + (kept?.length ?? 0))).toBe('😀 👍 bold'.slice(4, 8))
  })

  test('a caption that has no room for the header gets it as a message before, with its buttons', async () => {
    const user = await stage.createUser({ firstName: 'Anna' })
    const photo = stage.world.sendMedia({ userId: user.id, kind: 'photo', caption: 'x'.repeat(1024) })
    await stage.accept([photo], stage.dispatch())
    await stage.untilSent()
    const [header, copy] = stage.topicMessages(user.id)
    expect(header?.text).toContain('Anna')
    expect(header?.buttons).toBeDefined()
    expect([copy?.media?.kind, copy?.text]).toEqual(['photo', 'x'.repeat(1024)])
  })

  test('a message that was deleted meanwhile is sent from what is stored', async () => {
    const user = await stage.createUser()
    const photo = stage.world.sendMedia({ userId: user.id, kind: 'photo', caption: 'look' })
    stage.world.deleteMessages({ chatId: user.id, messageIds: [photo.message_id] })
    await stage.accept([photo], stage.dispatch())
    await stage.untilSent()
    const messages = stage.topicMessages(user.id)
    expect(messages.some(({ media, text }) => media?.kind === 'photo' && text?.includes('look'))).toBe(true)
    expect(await stage.deadRows()).toEqual([])
  })

  test('that was deleted meanwhile and has a longer caption than a bot may write arrives whole', async () => {
    const user = await stage.createUser()
    const photo = stage.world.sendMedia({ userId: user.id, kind: 'photo', caption: 'x'.repeat(2_000) })
    stage.world.deleteMessages({ chatId: user.id, messageIds: [photo.message_id] })
    await stage.accept([photo], stage.dispatch())
    await stage.untilSent()
    const shown = stage.topicMessages(user.id).slice(-2)
    expect(shown.map(({ media, text }) => media?.kind ?? text)).toEqual(['photo', 'x'.repeat(2_000)])
    expect(await stage.deadRows()).toEqual([])
  })
})

test('a picture stays covered and a contact keeps the whole name, also when sent from what is stored', async () => {
  const user = await stage.createUser()
  const outbox = stage.dispatch()
  const photo = stage.world.sendMedia({ userId: user.id, kind: 'photo', spoiler: true })
  const contact = stage.world.sendMedia({ userId: user.id, kind: 'contact', firstName: 'Eva', lastName: 'Maria' })
  stage.world.deleteMessages({ chatId: user.id, messageIds: [photo.message_id, contact.message_id] })
  await stage.accept([photo], outbox)
  await stage.accept([contact], outbox)
  await stage.untilSent()
  const messages = stage.topicMessages(user.id)
  expect(messages.find(({ media }) => media)?.media?.spoiler).toBe(true)
  expect(messages.find(({ extra }) => extra)?.extra?.value).toMatchObject({ first_name: 'Eva', last_name: 'Maria' })
})

describe('an album', () => {
  test('stays one album in its order, with the header in the first caption', async () => {
    const user = await stage.createUser({ firstName: 'Anna' })
    const items = [{ kind: 'photo' as const }, { kind: 'video' as const }, { kind: 'photo' as const }]
    const album = await stage.world.sendAlbum({ userId: user.id, items })
    await stage.accept(album, stage.dispatch())
    await stage.untilSent()
    const messages = stage.topicMessages(user.id)
    expect(messages.map(({ media }) => media?.kind)).toEqual(['photo', 'video', 'photo'])
    expect(new Set(messages.map(({ albumId }) => albumId)).size).toBe(1)
    expect(messages[0]?.albumId).toBeDefined()
    expect(messages[0]?.text).toContain('Anna')
    const { rows } = await stage.database.pool.query(
      'SELECT topic_message_id::int AS id FROM message_places ORDER BY message_id',
    )
    expect(rows.map(({ id }) => id)).toEqual(messages.map(({ messageId }) => messageId))
  })

  test('whose only words are on a later part has the header there, since Telegram shows one caption or none', async () => {
    const user = await stage.createUser({ firstName: 'Anna' })
    const items = [{ kind: 'photo' as const }, { kind: 'video' as const, caption: 'second' }]
    await stage.accept(await stage.world.sendAlbum({ userId: user.id, items }), stage.dispatch())
    await stage.untilSent()
    const [first, second] = stage.topicMessages(user.id)
    expect(first?.text ?? '').toBe('')
    expect(second?.text).toMatch(/Anna.*\nsecond$/s)
  })

  test('with several captions, which Telegram shows in none of the chat, keeps them and has its header before it', async () => {
    const user = await stage.createUser({ firstName: 'Anna' })
    const items = ['one', 'two'].map((caption) => ({ kind: 'photo' as const, caption }))
    await stage.accept(await stage.world.sendAlbum({ userId: user.id, items }), stage.dispatch())
    await stage.untilSent()
    const [header, ...album] = stage.topicMessages(user.id)
    expect(header?.text).toContain('Anna')
    expect(header?.media).toBeUndefined()
    expect(album.map(({ text }) => text)).toEqual(['one', 'two'])
  })

  test('of documents has its header on the first, since each shows its own words', async () => {
    const user = await stage.createUser({ firstName: 'Anna' })
    const items = ['one', 'two'].map((caption) => ({ kind: 'document' as const, caption }))
    await stage.accept(await stage.world.sendAlbum({ userId: user.id, items }), stage.dispatch())
    await stage.untilSent()
    const [first, second] = stage.topicMessages(user.id)
    expect(first?.text).toMatch(/Anna.*\none$/s)
    expect(second?.text).toBe('two')
  })

  test('whose first caption has no room for the header gets it as a message before', async () => {
    const user = await stage.createUser()
    const items = [{ kind: 'photo' as const, caption: 'x'.repeat(1024) }, { kind: 'photo' as const }]
    await stage.accept(await stage.world.sendAlbum({ userId: user.id, items }), stage.dispatch())
    await stage.untilSent()
    const [header, first, second] = stage.topicMessages(user.id)
    expect(header?.media).toBeUndefined()
    expect(header?.buttons).toBeDefined()
    expect(first?.text).toBe('x'.repeat(1024))
    expect(first?.albumId).toBeDefined()
    expect(second?.albumId).toBe(first?.albumId)
  })

  test('with a long caption, as subscribers of Premium may write, arrives whole', async () => {
    const user = await stage.createUser()
    const outbox = stage.dispatch()
    const items = [{ kind: 'photo' as const, caption: 'x'.repeat(2_000) }, { kind: 'photo' as const }]
    await stage.accept(await stage.world.sendAlbum({ userId: user.id, items }), outbox)
    await stage.untilSent()
    expect(await stage.deadRows()).toEqual([])
    const shown = stage.topicMessages(user.id).filter(({ media }) => media)
    expect(shown.map(({ text }) => text ?? '')).toEqual(['x'.repeat(2_000), ''])
  })
})

test('a live photo in an album still moves', () => {
  const files = { photo: [{ file_id: 'still' }], live_photo: { file_id: 'moving' } }
  const part = (messageId: number) => ({
    kind: 'photo' as const,
    message: { message_id: messageId, chat: { id: 1 }, ...files } as unknown as Message,
  })
  const [call] = buildRelayCalls([part(1), part(2)], null, { chatId: -100, threadId: 7 })
  expect(call?.payload).toMatchObject({ media: [{ type: 'live_photo', media: 'moving', photo: 'still' }, {}] })
})

describe('text', () => {
  test('of 4096 characters arrives whole, its header before it', async () => {
    const user = await stage.createUser()
    const text = '𝒳y'.repeat(1365).slice(0, 4095)
    await stage.accept([write(user.id, text)], stage.dispatch())
    await stage.untilSent()
    const messages = stage.topicMessages(user.id)
    expect(messages).toHaveLength(2)
    expect(messages[0]?.buttons).toBeDefined()
    expect(messages[1]?.text).toBe(text)
  })

  test('keeps every entity, moved behind the header', async () => {
    const user = await stage.createUser()
    const words = ['bold', 'italic', 'underline', 'strikethrough', 'spoiler', 'code', 'pre', 'text_link', 'blockquote']
    const text = `😀 ${words.join(' ')}`
    const entities = words.map((type): WireEntity => {
      const span = { offset: text.indexOf(type), length: type.length }
      if (type === 'pre') return { type, ...span, language: 'js' }
      return type === 'text_link' ? { type, ...span, url: 'https://example.com/' } : { type, ...span }
    })
    await stage.accept([stage.world.sendText({ userId: user.id, text, entities })], stage.dispatch())
    await stage.untilSent()
    const [message] = stage.topicMessages(user.id)
    const shown = (message?.entities ?? []).filter(({ offset }) => offset > (message?.text?.indexOf('\n') ?? 0))
    const named = shown.map(({ type, offset, length }) => [type, message?.text?.slice(offset, offset + length)])
    for (const word of words) expect(named).toContainEqual([word, word])
    expect(shown.find(({ type }) => type === 'pre')?.language).toBe('js')
  })

  test.each([
    ['<script>alert(1)</script>', '<b>&amp;'],
    ['\u202eمحمد', 'عبد الله'],
    ['👩‍👩‍👧‍👦'.repeat(30), '🏳️‍🌈'.repeat(40)],
    ['\u0007\n\u2028', ' '],
  ])('of somebody named %j names topic, card and header without harm', async (firstName, lastName) => {
    const user = await stage.createUser({ firstName, lastName })
    await stage.accept([write(user.id, 'Hi')], stage.dispatch())
    await stage.untilSent()
    const [topic] = topics()
    expect(topic?.name.length).toBeLessThanOrEqual(128)
    expect(topic?.name.endsWith(`(${user.id})`)).toBe(true)
    expect(topic?.name.isWellFormed()).toBe(true)
    const [message] = stage.topicMessages(user.id)
    expect(message?.text?.endsWith('\nHi')).toBe(true)
    expect(message?.text).not.toContain('\u202e')
    expect(topic?.pinnedMessageIds).toHaveLength(1)
    expect(await stage.deadRows()).toEqual([])
  })

  test.each(['compact', 'off'] as const)('with the header set to %s still arrives as one message', async (header) => {
    stage.settings.header = header
    const user = await stage.createUser({ firstName: 'Anna' })
    await stage.accept([write(user.id, 'Hi')], stage.dispatch())
    await stage.untilSent()
    const [message, ...others] = stage.topicMessages(user.id)
    expect(others).toEqual([])
    expect(message?.text).toMatch(header === 'off' ? /^Hi$/ : /^💬 \u2068Anna\u2069 · 🆕 · 💳 999\nHi$/)
  })
})

describe('trouble with the topic', () => {
  test.each(['message thread not found', 'TOPIC_DELETED'] as const)(
    'a deleted topic (%s) is made again with its card, and the message arrives once',
    async (error) => {
      const user = await stage.createUser()
      const outbox = stage.dispatch()
      await stage.accept([write(user.id, 'one')], outbox)
      await stage.untilSent()
      const first = topics()[0]
      if (!first) throw new Error('No topic')
      stage.world.deleteTopic({ chatId: stage.group.id, threadId: first.threadId, error })
      await stage.accept([write(user.id, 'two')], outbox)
      await stage.untilSent()
      const alive = topics().filter(({ deleted }) => !deleted)
      expect(alive).toHaveLength(1)
      expect(alive[0]?.pinnedMessageIds).toHaveLength(1)
      expect(stage.topicMessages(user.id).map(({ text }) => text?.split('\n')[1])).toEqual(['two'])
    },
  )

  test('a closed topic is reopened', async () => {
    const user = await stage.createUser()
    const outbox = stage.dispatch()
    await stage.accept([write(user.id, 'one')], outbox)
    await stage.untilSent()
    const threadId = topics()[0]?.threadId ?? 0
    stage.world.closeTopic({ chatId: stage.group.id, threadId })
    stage.world.addFault({ kind: '400', method: 'sendMessage', threadId, description: 'Bad Request: TOPIC_CLOSED' })
    await stage.accept([write(user.id, 'two')], outbox)
    await stage.untilSent()
    expect(topics()[0]?.closed).toBe(false)
    expect(stage.topicMessages(user.id)).toHaveLength(2)
  })

  test('without the right to make topics the message arrives in General, the team is alerted, and it heals', async () => {
    const { id: chatId } = stage.group
    const user = await stage.createUser({ firstName: 'Anna' })
    const outbox = stage.dispatch()
    stage.world.setBotMembership({ chatId, rights: { can_manage_topics: false } })
    await stage.accept([write(user.id, 'one')], outbox)
    await stage.untilSent()
    const general = stage.world.listMessages({ chatId, threadId: 'general' })
    expect(general.find(({ text }) => text?.includes('one'))?.text).toContain('Anna')
    await until(() =>
      stage.world
        .listMessages({ chatId, threadId: 'general' })
        .some(({ text }) => text?.includes('Topics cannot be made')),
    )
    stage.world.setBotMembership({ chatId, rights: { can_manage_topics: true } })
    await retryFailedTopics(stage.database.pool)
    await until(async () => {
      await stage.accept([write(user.id, 'two')], outbox)
      await stage.untilSent()
      return topics().length === 1
    })
    expect(stage.topicMessages(user.id).length).toBeGreaterThan(0)
  })

  test('a card that could not be sent before a crash is sent and pinned with the next message', async () => {
    const user = await stage.createUser()
    const { threadId } = stage.world.createTopic({
      chatId: stage.group.id,
      userId: stage.owner.id,
      name: `x (${user.id})`,
    })
    await stage.accept([write(user.id, 'one')])
    await stage.database.pool.query(
      `UPDATE conversations SET topic_state = 'ready', topic_chat_id = $1, topic_thread_id = $2`,
      [stage.group.id, threadId],
    )
    stage.dispatch()
    await stage.untilSent()
    expect(topics()).toMatchObject([{ threadId, pinnedMessageIds: [expect.any(Number)] }])
  })
})

test('in a group without topics messages arrive in General without a thread, and the reason is told', async () => {
  const plain = await createStage({ isForum: false })
  try {
    const user = await plain.createUser({ firstName: 'Anna' })
    await plain.accept([plain.world.sendText({ userId: user.id, text: 'Hello' })], plain.dispatch())
    await plain.untilSent()
    const shown = () => plain.world.listMessages({ chatId: plain.group.id }).map(({ text }) => text ?? '')
    await until(() => shown().some((text) => text.includes('Turn on topics')))
    expect(shown().some((text) => text.includes('Anna') && text.endsWith('\nHello'))).toBe(true)
  } finally {
    await plain.close()
  }
})

describe('when the team has another group', () => {
  async function moveTo(groupId: number) {
    const user = await stage.createUser({ firstName: 'Anna' })
    const before = stage.dispatch()
    await stage.accept([write(user.id, 'in the old group')], before)
    await stage.untilSent()
    await before.stop()
    await stage.accept([write(user.id, 'after the move')])
    stage.dispatch({ groupId })
    await stage.untilSent()
    return user
  }
  const textsIn = (chatId: number) => stage.world.listMessages({ chatId }).map(({ text }) => text ?? '')

  test('whoever had a topic in the old one gets one there, where the bot listens', async () => {
    const group = stage.world.createForum({ ownerId: stage.owner.id })
    const user = await moveTo(group.id)
    expect(stage.world.listTopics({ chatId: group.id })).toMatchObject([{ name: `👤 Anna (${user.id})` }])
    expect(textsIn(group.id).some((text) => text.endsWith('after the move'))).toBe(true)
  })

  test('topics stay where they are while the bot cannot see it, and the owner is told', async () => {
    const user = await moveTo(-1_009_999_999_999)
    expect(stage.relayedLines(user.id)).toEqual(['in the old group', 'after the move'])
    await until(async () => (await stage.database.prisma.alert.count({ where: { key: 'topic:elsewhere' } })) === 1)
  })
})

describe('texts that wait behind each other', () => {
  /** Accepted while nothing is sent, as when the group takes no more for the moment. */
  async function backlog(userId: number, ...texts: (string | { text: string; entities: WireEntity[] })[]) {
    for (const said of texts) {
      await stage.accept([stage.world.sendText({ userId, ...(typeof said === 'string' ? { text: said } : said) })])
    }
  }

  test('come as one message with one header, and each is known by its place', async () => {
    const user = await stage.createUser()
    await backlog(user.id, 'one', { text: 'two', entities: [{ type: 'bold', offset: 0, length: 3 }] }, 'three')
    stage.dispatch()
    await stage.untilSent()
    const [message, ...more] = stage.topicMessages(user.id)
    expect(more).toEqual([])
    expect(message?.text).toMatch(/^💬 Text .* 💳 997\none\ntwo\nthree$/s)
    const bold = message?.entities?.filter(({ type }) => type === 'bold').at(-1)
    expect(message?.text?.slice(bold?.offset, (bold?.offset ?? 0) + (bold?.length ?? 0))).toBe('two')
    const { rows } = await stage.database.pool.query(
      'SELECT topic_message_id::int AS id FROM message_places ORDER BY message_id',
    )
    expect(rows).toEqual([message, message, message].map((shown) => ({ id: shown?.messageId })))
  })

  test('leave the outbox with the record of where they stand, so that a crash finds both or neither', async () => {
    await stage.database.pool.query(`
      CREATE TABLE gone_without_place (message_id bigint);
      CREATE FUNCTION note_gone() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        INSERT INTO gone_without_place SELECT OLD.message_id
        WHERE NOT EXISTS (SELECT 1 FROM message_places p WHERE p.message_id = OLD.message_id);
        RETURN NULL;
      END $$;
      CREATE TRIGGER note_gone AFTER DELETE ON outbox FOR EACH ROW EXECUTE FUNCTION note_gone()`)
    // While the database is slow more rows end than are recorded at once, in bundles that do not divide their number.
    const users = await Promise.all(Array.from({ length: 40 }, () => stage.createUser()))
    await Promise.all(users.map(({ id }) => backlog(id, 'one', 'two', 'three', 'four', 'five', 'six', 'seven')))
    const arrived = () => users.every(({ id }) => stage.relayedLines(id).length === 7)
    const slow = await stage.database.pool.connect()
    await slow.query('BEGIN; LOCK TABLE message_places IN SHARE MODE')
    stage.dispatch()
    try {
      await until(arrived)
    } finally {
      await slow.query('COMMIT')
      slow.release()
    }
    await stage.untilSent()
    const gone = await stage.database.pool.query('SELECT message_id FROM gone_without_place')
    expect(gone.rows).toEqual([])
    expect(arrived()).toBe(true)
  })

  test('stay apart where together they would be too long', async () => {
    const user = await stage.createUser()
    const texts = ['a'.repeat(2_000), 'b'.repeat(2_000), 'c'.repeat(1_000)]
    await backlog(user.id, ...texts)
    stage.dispatch()
    await stage.untilSent()
    expect(stage.topicMessages(user.id)).toHaveLength(2)
    expect(stage.relayedLines(user.id)).toEqual(texts)
  })

  test('stay apart where together they would have more formatting than Telegram takes', async () => {
    const user = await stage.createUser()
    const entities = Array.from({ length: 60 }, (_, index) => ({ type: 'bold', offset: index * 3, length: 2 }))
    const text = 'ab '.repeat(60).trim()
    await backlog(user.id, { text, entities }, { text, entities })
    stage.dispatch()
    await stage.untilSent()
    const shown = stage.topicMessages(user.id).map((message) => message.entities?.filter(({ length }) => length === 2))
    expect(shown.map((found) => found?.length)).toEqual([60, 60])
  })

  test('stay by themselves where they answer something or show a preview of their own', async () => {
    const user = await stage.createUser()
    const write = (text: string, replyTo?: number) =>
      stage.world.sendText({ userId: user.id, text, ...(replyTo !== undefined && { replyTo }) })
    const first = write('one')
    const elsewhere = { external_reply: { origin: { type: 'hidden_user', date: 0, sender_user_name: 'Eve' } } }
    const said = [
      first,
      write('two', first.message_id),
      write('three'),
      { ...write('four'), link_preview_options: { is_disabled: true } },
      write('five'),
      { ...write('six'), ...elsewhere },
    ]
    for (const message of said) await stage.accept([message])
    stage.dispatch()
    await stage.untilSent()
    expect(stage.topicMessages(user.id).map(({ text }) => text?.split('\n').slice(1))).toEqual(
      ['one', 'two', 'three', 'four', 'five', 'six'].map((text) => [text]),
    )
  })

  test('do not take along what is no text, and keep their order around it', async () => {
    const user = await stage.createUser()
    await backlog(user.id, 'one', 'two')
    await stage.accept([stage.world.sendMedia({ userId: user.id, kind: 'photo', caption: 'picture' })])
    await backlog(user.id, 'three', 'four')
    stage.dispatch()
    await stage.untilSent()
    expect(stage.topicMessages(user.id).map(({ text }) => text?.split('\n').slice(1))).toEqual([
      ['one', 'two'],
      ['picture'],
      ['three', 'four'],
    ])
  })

  test('arrive one by one when Telegram refuses them together', async () => {
    const user = await stage.createUser()
    await backlog(user.id, 'one', 'two')
    // The first message is the card; then both together, and the header that would go before them.
    stage.world.addFault({ kind: '400', method: 'sendMessage', skip: 1, times: 2, description: 'Bad Request: ODD' })
    stage.dispatch()
    await stage.untilSent()
    expect(stage.relayedLines(user.id)).toEqual(['one', 'two'])
  })
})
