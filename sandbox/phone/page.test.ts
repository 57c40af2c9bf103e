import { AxeBuilder } from '@axe-core/playwright'
import { type Browser, chromium, type Locator, type Page } from 'playwright'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { findChromium } from '#testing/chromium.ts'
import type { WireEntity } from '../telegram/wire.ts'
import { type Sandbox, startSandbox } from './start-sandbox.ts'

const TOKEN = '7000000001:test'
const GROUP = -1_001_000_000_001
const ANN = 2_000_001
const OLIVIA = 1_000_001

let sandbox: Sandbox
let browser: Browser

beforeAll(async () => {
  sandbox = await startSandbox({
    telegramPort: 0,
    stripePort: 0,
    phonePort: 0,
    trafficDir: null,
    dataDir: null,
    botToken: TOKEN,
    adminGroupId: GROUP,
    ownerIds: [OLIVIA],
    stripeApiKey: 'sk_test_x',
    stripeWebhookSecret: 'whsec_x',
    stripeWebhookUrl: 'http://127.0.0.1:9/hook',
    publicUrl: 'http://127.0.0.1:9',
  })
  const { executablePath, args, env } = await findChromium()
  browser = await chromium.launch({ executablePath, args, env: { ...process.env, ...env } })
})

afterAll(async () => {
  await browser?.close()
  await sandbox?.close()
})

/** The page, with everything it says to the console as a failure. */
async function open(view: { width: number; height: number; colorScheme?: 'light' | 'dark' }) {
  const { colorScheme = 'light', ...viewport } = view
  const context = await browser.newContext({ viewport, colorScheme, reducedMotion: 'reduce' })
  const page = await context.newPage()
  const complaints: string[] = []
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') complaints.push(message.text())
  })
  page.on('pageerror', (error) => complaints.push(error.message))
  await page.goto(sandbox.phone.url)
  await page.getByRole('heading', { name: 'Paydesk', exact: true }).first().waitFor()
  return { page, close: () => context.close(), complaints }
}

async function call(method: string, params: Record<string, unknown>): Promise<{ message_id: number }> {
  const response = await fetch(`${sandbox.telegram.url}/bot${TOKEN}/${method}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(params),
  })
  const answer = (await response.json()) as { ok: boolean; result: { message_id: number }; description?: string }
  if (!answer.ok) throw new Error(`${method}: ${answer.description}`)
  return answer.result
}

async function accessibilityProblems(page: Page): Promise<string[]> {
  const { violations } = await new AxeBuilder({ page }).analyze()
  return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 120)).join(' | ')}`)
}

test('who comes for the first time finds Start, meets the bot and sees the first step ticked', async () => {
  const { page, close, complaints } = await open({ width: 1280, height: 800 })
  await page.getByRole('region', { name: 'Phone of Ann' }).getByRole('button', { name: 'Start' }).click()
  await sandbox.telegram.world.waitForMessage({ chatId: ANN, text: '/start' })
  await call('sendMessage', { chat_id: ANN, text: 'Welcome <b>', entities: [{ type: 'bold', offset: 0, length: 7 }] })
  const chat = page.getByRole('log', { name: 'Chat with Paydesk' })
  await chat.locator('strong', { hasText: 'Welcome' }).waitFor()
  expect(await chat.getByRole('article').last().innerText()).toContain('Welcome <b>')
  await page.getByRole('region', { name: 'First steps' }).getByRole('img', { name: 'Done:' }).waitFor()
  await page.getByRole('article', { name: 'Ann pressed Start' }).waitFor()
  expect(complaints).toEqual([])
  await close()
})

test('a button really presses and its answer is shown', async () => {
  const { page, close } = await open({ width: 1280, height: 800 })
  const keyboard = { inline_keyboard: [[{ text: 'Buy', callback_data: 'buy' }]] }
  await call('sendMessage', { chat_id: ANN, text: 'Choose', reply_markup: keyboard })
  const pressed = sandbox.telegram.world.waitForEvent((event) => event.type === 'callback')
  await page.getByRole('button', { name: 'Buy', exact: true }).click()
  const event = await pressed
  if (event.type !== 'callback') throw new Error('not a tap')
  await call('answerCallbackQuery', { callback_query_id: event.callbackQueryId, text: 'Read this', show_alert: true })
  await page.getByRole('dialog', { name: 'Message from the bot' }).getByText('Read this').waitFor()
  await page.getByRole('button', { name: 'OK' }).click()
  await close()
})

test('a message that asks for a reply begins one, which can be given up', async () => {
  const { page, close, complaints } = await open({ width: 390, height: 844 })
  const ask = (text: string) =>
    call('sendMessage', {
      chat_id: ANN,
      text,
      reply_markup: { force_reply: true, input_field_placeholder: 'In a sentence' },
    })
  const phone = page.getByRole('region', { name: 'Phone of Ann' })
  const field = page.getByRole('textbox', { name: 'Message as Ann' })
  const newest = () => sandbox.telegram.world.listMessages({ chatId: ANN }).at(-1)
  await ask('What is wrong?')
  await phone.getByText('Reply to Paydesk').waitFor()
  expect(await field.getAttribute('placeholder')).toBe('In a sentence')
  expect(await accessibilityProblems(page)).toEqual([])
  await field.fill('All of it')
  await field.press('Enter')
  await phone.getByText('Reply to Paydesk').waitFor({ state: 'detached' })
  expect(newest()).toMatchObject({ text: 'All of it', replyTo: { preview: 'What is wrong?' } })

  await ask('And now?')
  await phone.getByText('Reply to Paydesk').waitFor()
  await field.press('Escape')
  await field.fill('Something else')
  await field.press('Enter')
  await page.getByRole('log', { name: 'Chat with Paydesk' }).getByText('Something else').waitFor()
  expect(newest()).toMatchObject({ text: 'Something else' })
  expect(newest()?.replyTo).toBeUndefined()
  expect(complaints).toEqual([])
  await close()
})

test('an invoice in Stars is paid by a tap, and then says that it is paid', async () => {
  const { page, close, complaints } = await open({ width: 390, height: 844 })
  await call('sendInvoice', {
    chat_id: ANN,
    title: 'Ten credits',
    description: 'For ten messages',
    payload: 'order',
    currency: 'XTR',
    prices: [{ label: 'Ten credits', amount: 50 }],
    reply_markup: { inline_keyboard: [[{ text: 'Pay ⭐ 50', pay: true }]] },
  })
  const asked = sandbox.telegram.world.waitForEvent(
    (event) => event.type === 'update' && event.kind === 'pre_checkout_query',
  )
  const bubble = page.getByRole('article', { name: 'Message from Paydesk' }).last()
  await bubble.getByText('50 Stars').waitFor()
  await bubble.getByRole('button', { name: 'Pay ⭐ 50' }).click()
  await asked
  const [checkout] = sandbox.telegram.internals.checkouts.keys()
  await call('answerPreCheckoutQuery', { pre_checkout_query_id: checkout, ok: true })
  await bubble.getByRole('button', { name: 'Paid' }).waitFor()
  await page.getByRole('log', { name: 'Chat with Paydesk' }).getByText('Paid 50 Stars').waitFor()
  expect(await accessibilityProblems(page)).toEqual([])
  expect(complaints).toEqual([])
  await close()
})

test('the keyboard alone writes, edits, reacts and opens a call', async () => {
  const { page, close } = await open({ width: 1280, height: 800 })
  const field = page.getByRole('textbox', { name: 'Message as Ann' })
  await field.focus()
  await page.keyboard.type('helo')
  await page.keyboard.press('Enter')
  const message = await sandbox.telegram.world.waitForMessage({ chatId: ANN, text: 'helo' })
  await page.getByRole('log', { name: 'Chat with Paydesk' }).getByText('helo').waitFor()
  await page.keyboard.press('ArrowUp')
  await page.getByRole('button', { name: 'Cancel' }).waitFor()
  await page.keyboard.press('Control+A')
  await page.keyboard.type('hello')
  await page.keyboard.press('Enter')
  const bubble = page.getByRole('article', { name: 'Message from you' }).last()
  await bubble.getByText('hello').waitFor()
  await bubble.focus()
  await page.keyboard.press('Enter')
  await page.keyboard.press('Enter')
  await bubble.getByRole('button', { name: '👍 1' }).waitFor()
  const { text, reactions } = sandbox.telegram.world.getMessage({ chatId: ANN, messageId: message.messageId }) ?? {}
  expect(text).toBe('hello')
  expect(reactions?.map(({ emoji }) => emoji)).toEqual(['👍'])
  await page.getByRole('button', { name: /edited a message/ }).focus()
  await page.keyboard.press('Enter')
  await page.getByRole('dialog', { name: 'Message' }).getByText('"message_id"').waitFor()
  await page.keyboard.press('Escape')
  await close()
})

test('the team answers in a topic, by name and anonymously', async () => {
  const { page, close } = await open({ width: 1280, height: 800 })
  const { message_thread_id: thread } = (await call('createForumTopic', {
    chat_id: GROUP,
    name: `👤 Ann (${ANN})`,
  })) as unknown as { message_thread_id: number }
  await page.getByRole('navigation', { name: 'Topics' }).getByRole('button', { name: /Ann/ }).click()
  await page.getByRole('textbox', { name: 'Reply as Olivia' }).fill('at your service')
  await page.keyboard.press('Enter')
  const named = await sandbox.telegram.world.waitForMessage({
    chatId: GROUP,
    threadId: thread,
    text: 'at your service',
  })
  expect(named.author).toMatchObject({ id: OLIVIA, anonymous: false })
  await page.getByRole('button', { name: 'Write anonymously' }).click()
  await page.getByRole('textbox', { name: 'Reply anonymously' }).fill('in disguise')
  await page.keyboard.press('Enter')
  const hidden = await sandbox.telegram.world.waitForMessage({ chatId: GROUP, threadId: thread, text: 'in disguise' })
  expect(hidden.author.anonymous).toBe(true)
  await close()
})

test('who blocks the bot can only unblock it', async () => {
  const { page, close } = await open({ width: 1280, height: 800 })
  const phone = page.getByRole('region', { name: 'Phone of Ann' })
  await phone.getByRole('button', { name: 'Chat options' }).click()
  await page.getByRole('menuitem', { name: 'Block the bot' }).click()
  await phone.getByRole('button', { name: 'Unblock the bot' }).waitFor()
  expect(await phone.getByRole('textbox').count()).toBe(0)
  await phone.getByRole('button', { name: 'Unblock the bot' }).click()
  await phone.getByRole('textbox', { name: 'Message as Ann' }).waitFor()
  await close()
})

test('a trouble that is switched on strikes, and is over when it is switched off', async () => {
  const { page, close } = await open({ width: 1280, height: 800 })
  await page.getByRole('button', { name: 'Make trouble' }).click()
  const down = page.getByRole('switch', { name: /Telegram is down/ })
  await down.click()
  await page.waitForFunction(() => document.querySelectorAll('[role="switch"]:checked').length === 1)
  await expect(call('sendMessage', { chat_id: ANN, text: 'x' })).rejects.toThrow('sendMessage')
  await down.click()
  await page.waitForFunction(() => document.querySelectorAll('[role="switch"]:checked').length === 0)
  await call('sendMessage', { chat_id: ANN, text: 'over' })
  await close()
})

/** Ann pays 5 dollars on a pay page. */
async function buyTenCredits(): Promise<void> {
  const made = await fetch(`${sandbox.stripe.url}/v1/checkout/sessions`, {
    method: 'POST',
    headers: { authorization: 'Bearer sk_test_x', 'content-type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams({
      mode: 'payment',
      client_reference_id: String(ANN),
      success_url: 'http://127.0.0.1:9/done',
      'line_items[0][quantity]': '1',
      'line_items[0][price_data][currency]': 'usd',
      'line_items[0][price_data][unit_amount]': '500',
      'line_items[0][price_data][product_data][name]': 'Ten credits',
    }),
  })
  await sandbox.stripe.world.paySession({ sessionId: ((await made.json()) as { id: string }).id })
}

test('what the owner does in Stripe is done by a press: refund, dispute, win, and time', async () => {
  const { page, close, complaints } = await open({ width: 390, height: 844 })
  const { world } = sandbox.stripe
  await buyTenCredits()
  await buyTenCredits()
  await page.getByRole('button', { name: 'Stripe', exact: true }).click()
  const desk = page.getByRole('dialog', { name: 'Stripe' })
  await desk.getByText('Ten credits').first().waitFor()
  await desk.getByRole('button', { name: 'Refund $5.00 of Ann' }).first().click()
  await desk.getByText('$5.00 refunded').waitFor()
  await desk.getByRole('button', { name: 'Dispute $5.00 of Ann' }).click()
  await desk.getByRole('button', { name: 'Win the dispute over $5.00 of Ann' }).click()
  await desk.getByText('dispute won').waitFor()
  expect(await accessibilityProblems(page)).toEqual([])
  const before = await world.advanceClock({ seconds: 0 })
  await desk.getByRole('button', { name: 'A month later' }).click()
  await expect
    .poll(async () => (await world.advanceClock({ seconds: 0 })).now - before.now)
    .toBeGreaterThan(27 * 86_400)
  expect(complaints).toEqual([])
  await close()
})

const hiddenCommand: WireEntity[] = (['spoiler', 'bot_command'] as const).map((type) => ({
  type,
  offset: 0,
  length: 4,
}))

describe('full of long names, texts and an album', () => {
  beforeAll(async () => {
    const { world } = sandbox.telegram
    world.updateUser({ userId: ANN, firstName: 'Ann', lastName: 'بوريس'.repeat(11) })
    world.sendText({ userId: ANN, text: `${'long '.repeat(818)}<script>` })
    world.sendText({ userId: ANN, text: '/buy', entities: hiddenCommand })
    await world.sendAlbum({ userId: ANN, items: Array.from({ length: 10 }, () => ({ kind: 'photo' as const })) })
  })

  test.each([
    { width: 1280, height: 800, colorScheme: 'light' as const },
    { width: 1280, height: 800, colorScheme: 'dark' as const },
    { width: 390, height: 844, colorScheme: 'light' as const },
    { width: 390, height: 844, colorScheme: 'dark' as const },
  ])(
    'at $width px, $colorScheme, everything is accessible and nothing is wider than the screen',
    async (view) => {
      const { page, close, complaints } = await open(view)
      await page.getByRole('article', { name: 'Album of 10 from you' }).last().waitFor()
      expect(await page.locator('button button, a button').count()).toBe(0)
      const problems = await accessibilityProblems(page)
      await page
        .getByRole('button', { name: 'Open dashboard' })
        .getByText(view.width < 760 ? 'Dashboard' : 'Open dashboard', { exact: true })
        .waitFor()
      for (const name of view.width < 760 ? ['Timeline', 'Team'] : []) {
        await page.getByRole('navigation', { name: 'View' }).getByRole('button', { name }).click()
        problems.push(...(await accessibilityProblems(page)))
      }
      await page.getByRole('button', { name: 'Go live' }).click()
      problems.push(...(await accessibilityProblems(page)))
      expect(problems).toEqual([])
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(view.width)
      expect(complaints).toEqual([])
      await close()
    },
    60_000,
  )
})

const createTopic = async (name: string) =>
  ((await call('createForumTopic', { chat_id: GROUP, name })) as unknown as { message_thread_id: number })
    .message_thread_id

async function deleteTopics(): Promise<void> {
  const { world } = sandbox.telegram
  for (const { threadId } of world.listTopics({ chatId: GROUP })) world.deleteTopic({ chatId: GROUP, threadId })
}

test('what was done in the guide stays done, whatever becomes of the messages and the topic', async () => {
  const { world } = sandbox.telegram
  const { page, close, complaints } = await open({ width: 390, height: 844 })
  await buyTenCredits()
  world.sendText({ userId: ANN, text: 'A question' })
  const threadId = await createTopic('Ann')
  world.sendText({ userId: OLIVIA, chatId: GROUP, threadId, text: 'An answer' })
  const onward = page.getByRole('button', { name: 'look at it from the dashboard' })
  await onward.waitFor()
  await deleteTopics()
  for (let sent = 0; sent < 90; sent += 1) world.sendText({ userId: ANN, text: '/help' })
  await page.reload()
  await onward.click()
  await world.waitForMessage({ chatId: OLIVIA, text: '/login' })
  await page.getByRole('region', { name: 'Phone of Olivia' }).waitFor()
  expect(complaints).toEqual([])
  await close()
})

test('whose phone it is stays over a reload, and the link of the sign-in page opens the owner’s', async () => {
  const { page, close } = await open({ width: 1280, height: 800 })
  await page.getByRole('radio', { name: /Boris/ }).click()
  await page.reload()
  await page.getByRole('region', { name: /Phone of Boris/ }).waitFor()
  await page.goto(`${sandbox.phone.url}/paydesk_bot?start=login`)
  await page.getByRole('region', { name: 'Phone of Olivia' }).waitFor()
  await page.getByRole('radio', { name: /Ann/ }).click()
  await page.reload()
  await page.getByRole('region', { name: 'Phone of Ann' }).waitFor()
  await close()
})

test('a link to a topic opens the page at that topic', async () => {
  const threadId = await createTopic('Linked')
  await createTopic('Newer')
  const { page, close } = await open({ width: 390, height: 844 })
  await page.goto(`${sandbox.phone.url}/c/1000000001/${threadId}`)
  await page.getByRole('region', { name: 'Topic Linked' }).waitFor()
  await close()
})

test('a link into the bot’s chat says what it is for, tapped in the chat or opened in the browser, and once', async () => {
  const { world } = sandbox.telegram
  const { page, close } = await open({ width: 1280, height: 800 })
  const { host } = new URL(sandbox.phone.url)
  const { message_id: before } = await call('sendMessage', {
    chat_id: ANN,
    text: `Yours: http://${host}/paydesk_bot?start=ref_tapped`,
  })
  await page
    .getByRole('log', { name: 'Chat with Paydesk' })
    .getByRole('link', { name: /ref_tapped/ })
    .click()
  await world.waitForMessage({ chatId: ANN, text: '/start ref_tapped', afterMessageId: before })
  expect(page.context().pages()).toHaveLength(1)
  await page.goto(`${sandbox.phone.url}/paydesk_bot?start=ref_opened`)
  await world.waitForMessage({ chatId: ANN, text: '/start ref_opened', afterMessageId: before })
  await page.reload()
  await page.getByRole('region', { name: 'Phone of Ann' }).waitFor()
  const starts = world.listMessages({ chatId: ANN, afterMessageId: before }).map(({ text }) => text)
  expect(starts).toEqual(['/start ref_tapped', '/start ref_opened'])
  await close()
})

test('on a phone the tab of the team says that something came there until it is looked at', async () => {
  await deleteTopics()
  const threadId = await createTopic('Ann')
  const { page, close } = await open({ width: 390, height: 844 })
  const tabs = page.getByRole('navigation', { name: 'View' })
  await tabs.getByRole('button', { name: 'Team 1 new' }).click()
  await page.getByRole('navigation', { name: 'Topics' }).getByRole('button', { name: /Ann/ }).click()
  await page.getByRole('region', { name: 'Topic Ann' }).waitFor()
  await tabs.getByRole('button', { name: 'Phone' }).click()
  await tabs.getByRole('button', { name: 'Team', exact: true }).waitFor()
  await call('sendMessage', { chat_id: GROUP, message_thread_id: threadId, text: 'news' })
  await tabs.getByRole('button', { name: 'Team 1 new' }).waitFor()
  expect(await accessibilityProblems(page)).toEqual([])
  await close()
})

test('a reply to something without words says what it was', async () => {
  const { message_id: photo } = sandbox.telegram.world.sendMedia({ userId: ANN, kind: 'photo' })
  const { page, close } = await open({ width: 1280, height: 800 })
  await call('sendMessage', { chat_id: ANN, text: 'Nice', reply_parameters: { message_id: photo } })
  const reply = page.getByRole('article', { name: 'Message from Paydesk' }).filter({ hasText: 'Nice' })
  await reply.getByText('Photo', { exact: true }).waitFor()
  await close()
})

test('who reads by the system’s own colours sees which phone is theirs and what is switched on', async () => {
  const { page, close } = await open({ width: 1280, height: 800 })
  await page.emulateMedia({ forcedColors: 'active' })
  const looksOf = async (control: Locator) => (await control.screenshot({ animations: 'disabled' })).toString('base64')
  const boris = page.getByRole('radio', { name: /Boris/ })
  const another = await looksOf(boris)
  await boris.press('Space')
  await boris.evaluate((button) => button.blur())
  expect(await looksOf(boris)).not.toBe(another)
  await page.getByRole('button', { name: 'Make trouble' }).click()
  const slow = page.getByRole('switch', { name: /Telegram is slow/ })
  const off = await looksOf(slow)
  await slow.press('Space')
  await slow.evaluate((button) => button.blur())
  expect(await looksOf(slow)).not.toBe(off)
  await slow.press('Space')
  await close()
})

test('of an album’s captions the chat shows the only one, and of several none, as Telegram does', async () => {
  const { page, close } = await open({ width: 1280, height: 800 })
  const chat = page.getByRole('log', { name: 'Chat with Paydesk' })
  const photo = (caption?: string) => ({ kind: 'photo' as const, ...(caption ? { caption } : {}) })
  await sandbox.telegram.world.sendAlbum({ userId: ANN, items: [photo('hidden one'), photo('hidden two')] })
  await sandbox.telegram.world.sendAlbum({ userId: ANN, items: [photo(), photo('the only words')] })
  await chat.getByText('the only words').waitFor()
  expect(await chat.getByText(/hidden/).count()).toBe(0)
  await close()
})

test('a sandbox that goes away is said so, and one that comes back is taken up again', async () => {
  const { page, close } = await open({ width: 1280, height: 800 })
  await page.route('**/setup.json', (route) => route.abort())
  await page.route('**/control/**', (route) => route.abort())
  await page.reload()
  await page.getByRole('alert').getByText('The sandbox does not answer').waitFor()
  await page.unrouteAll()
  await page.getByRole('button', { name: 'Try again' }).click()
  await page.getByRole('region', { name: 'Phone of Ann' }).waitFor()
  expect(await page.getByRole('alert').count()).toBe(0)
  await close()
})
