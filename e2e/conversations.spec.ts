import type { Locator, Page } from 'playwright/test'
import type { MessageView, TelegramControl } from '#sandbox/telegram/control-types.ts'
import { GROUP, giveCredits, meetBot, OLIVIA, signIn, topicOf } from './people.ts'
import { Phone } from './phone.ts'
import { expect, test } from './test.ts'

const BORIS = 2_000_002
/** What the sandbox gives its bot; whoever has it can send as the bot. */
const TOKEN = '7000000001:sandbox-token-that-opens-nothing'

/** As long as a message may be, and no two places in it alike. */
const LONGEST = Array.from({ length: 512 }, (_, index) => `${index}`.padStart(7, '·'))
  .join(' ')
  .padEnd(4_096, '!')

async function openAsBoris(page: Page, url: string, telegram: TelegramControl): Promise<Phone> {
  const phone = new Phone(page, url)
  await phone.open()
  await phone.be(/Boris/)
  if ((await telegram.listMessages({ chatId: BORIS })).length === 0) await phone.start()
  await expect(phone.chat).toContainText('Hello Boris 🚀')
  return phone
}

/** What the bot has put into a topic, card and service lines aside. */
async function relayedTo(telegram: TelegramControl, threadId: number): Promise<MessageView[]> {
  const messages = await telegram.listMessages({ chatId: GROUP, threadId })
  return messages.filter(({ author, service, pinned }) => author.isBot && service === null && !pinned)
}

test('Boris sends an album, a voice message and the longest text: each is in his topic once, and charged once', async ({
  page,
  telegram,
  database,
  urls,
}) => {
  const phone = await openAsBoris(page, urls.phone, telegram)
  await giveCredits(database, BORIS, 100)

  await phone.attach('Album of 3')
  await expect(phone.chat).toContainText('95 credits left')
  await phone.attach('Voice message')
  await expect(phone.chat).toContainText('90 credits left')
  await phone.write('Boris 🚀', LONGEST)
  await expect(phone.chat).toContainText('89 credits left')

  const { threadId, name } = await topicOf(telegram, BORIS)
  expect(name).toContain('Boris 🚀 بوريس الطيّب')
  const topic = await phone.openTopic(/Boris/)
  await expect(topic.getByRole('article', { name: /^Album of 3/ })).toHaveCount(1)
  await expect(topic.getByRole('article').filter({ hasText: LONGEST.slice(0, 200) })).toHaveCount(1)
  const relayed = await relayedTo(telegram, threadId)
  const albums = relayed.flatMap(({ albumId }) => albumId ?? [])
  expect(albums).toHaveLength(3)
  expect(new Set(albums).size).toBe(1)
  expect(relayed.filter(({ media }) => media?.kind === 'voice')).toHaveLength(1)
  expect(relayed.filter(({ text }) => text?.endsWith(LONGEST))).toHaveLength(1)

  const { rows } = await database.query(
    `SELECT kind, cost, text = $2 AS whole FROM messages WHERE user_id = $1 ORDER BY id`,
    [BORIS, LONGEST],
  )
  expect(rows.map(({ kind }) => kind)).toEqual(['photo', 'photo', 'video', 'voice', 'text'])
  expect(rows.map(({ cost }) => Number(cost)).filter((cost) => cost > 0)).toEqual([5, 5, 1])
  expect(rows.at(-1)?.whole).toBe(true)
  const spent = await database.query(
    `SELECT amount FROM ledger_entries WHERE user_id = $1 AND kind = 'spend' ORDER BY id`,
    [BORIS],
  )
  expect(spent.rows.map(({ amount }) => amount)).toEqual([-5, -5, -1])
})

test('a name that is a script stands as text on the phone page and in the dashboard', async ({
  page,
  context,
  telegram,
  database,
  urls,
}) => {
  const first = '<script>alert(1)</script>'
  const last = '"><img src=x onerror=alert(2)>'
  const opened: string[] = []
  context.on('dialog', (dialog) => {
    opened.push(dialog.message())
    void dialog.dismiss()
  })
  const userId = await meetBot(telegram, first, last)
  await giveCredits(database, userId, 5)
  await telegram.sendText({ userId, text: '<b>not bold</b> &amp; <img src=y onerror=alert(3)>' })
  await topicOf(telegram, userId)

  const phone = new Phone(page, urls.phone)
  await phone.open()
  const topic = await phone.openTopic(/<script>/)
  await expect(topic).toContainText(`${first} ${last}`)
  await expect(topic).toContainText('<b>not bold</b> &amp; <img src=y onerror=alert(3)>')
  await expectNoMarkup(page)

  await signIn(page, telegram)
  const activity = page.getByRole('region', { name: 'Activity' })
  await expect(activity).toContainText(`${first} ${last}`)
  await expect(activity).toContainText('<b>not bold</b> &amp;')
  await expectNoMarkup(page)
  expect(opened).toEqual([])
})

async function expectNoMarkup(page: Page): Promise<void> {
  await expect(page.locator('img[src="x"], img[src="y"]')).toHaveCount(0)
  await expect(page.locator('b', { hasText: /^not bold$/ })).toHaveCount(0)
  const scripts = await page.locator('script').allTextContents()
  expect(scripts.filter((script) => script.trim() === 'alert(1)')).toEqual([])
}

test('a product button that is tapped twice makes one offer and one order', async ({
  page,
  telegram,
  database,
  urls,
}) => {
  const phone = await openAsBoris(page, urls.phone, telegram)
  await phone.write('Boris 🚀', '/buy')
  const list = await telegram.waitForMessage({
    chatId: BORIS,
    fromBot: true,
    where: ({ buttons = [] }) => buttons.flat().some(({ text }) => text.includes('50 credits')),
  })
  const [last] = (await telegram.calls()).slice(-1)
  const answeredTaps = async () => (await telegram.calls({ method: 'answerCallbackQuery', since: last?.seq })).length
  await buttonOf(phone, /50 credits/).dblclick()
  await expect.poll(answeredTaps).toBe(2)
  await expect(phone.chat.getByRole('link', { name: 'Pay $9.99' })).toHaveCount(1)
  const { rows } = await database.query('SELECT price_minor, state FROM orders WHERE user_id = $1', [BORIS])
  expect(rows).toEqual([{ price_minor: 999, state: 'open' }])
  expect(await telegram.listMessages({ chatId: BORIS, afterMessageId: list.messageId })).toEqual([])
})

test('a button of a time before this one is answered, so that it stops turning', async ({ page, telegram, urls }) => {
  const phone = await openAsBoris(page, urls.phone, telegram)
  await sendAsBot(telegram, {
    chat_id: BORIS,
    text: 'An offer from long ago',
    reply_markup: { inline_keyboard: [[{ text: 'Take it', callback_data: 'v0:take:1' }]] },
  })
  const button = buttonOf(phone, /Take it/)
  await button.click()
  await expect(page.getByText('This button is out of date.', { exact: true })).toBeVisible()
  await expect(button).not.toHaveAttribute('aria-busy', 'true')
})

const buttonOf = (phone: Phone, name: RegExp): Locator => phone.chat.getByRole('button', { name }).last()

async function sendAsBot(telegram: TelegramControl, message: object): Promise<void> {
  const response = await fetch(`${telegram.url}/bot${TOKEN}/sendMessage`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(message),
  })
  expect(response.status).toBe(200)
}

test('an answer to somebody who has stopped the bot says so in the topic; back again, answers arrive', async ({
  page,
  telegram,
  database,
  urls,
}) => {
  const phone = await openAsBoris(page, urls.phone, telegram)
  const blockedAt = async () => {
    const { rows } = await database.query('SELECT blocked_at FROM users WHERE id = $1', [BORIS])
    return rows[0]?.blocked_at
  }
  await giveCredits(database, BORIS, 100)
  await telegram.sendText({ userId: BORIS, text: 'I may leave' })
  const topic = await phone.openTopic(/Boris/)
  await expect(topic).toContainText('I may leave')
  await phone.choose('Block the bot')
  await expect.poll(blockedAt).not.toBeNull()
  await phone.answer('Are you still there?')
  await expect(topic).toContainText('Not sent: the user has stopped the bot. You can answer again when they come back.')

  await page.getByRole('button', { name: 'Unblock the bot' }).click()
  await expect.poll(blockedAt).toBeNull()
  await phone.answer('Welcome back')
  await expect(phone.chat).toContainText('Welcome back')
  await expect(phone.chat).not.toContainText('Are you still there?')
  const { threadId } = await topicOf(telegram, BORIS)
  const own = (await telegram.listMessages({ chatId: GROUP, threadId })).filter(({ author }) => author.id === OLIVIA)
  expect(own.map(({ reactions }) => reactions.map(({ emoji }) => emoji))).toEqual([[], ['👍']])
})
