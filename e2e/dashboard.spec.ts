import type { Page } from 'playwright/test'
import { expectNoSidewaysScroll, expectUsable, looks, wear } from './looks.ts'
import { giveCredits, linkFor, meetBot, OLIVIA, signIn } from './people.ts'
import { expect, test } from './test.ts'

const heading = (page: Page) => page.getByRole('heading', { level: 1 })

test('a link of /login signs in once; opened again it says that it was used', async ({ page, context, telegram }) => {
  const link = await linkFor(telegram, OLIVIA, '/login')
  await page.goto(link)
  await expect(page.getByText('This link is for Olivia, owner of this team.')).toBeVisible()
  await page.reload()
  await page.getByRole('button', { name: 'Sign in' }).click()
  await expect(heading(page)).toHaveText('Home')

  const elsewhere = await context.browser()?.newContext()
  const stranger = await elsewhere?.newPage()
  if (!stranger) throw new Error('there is a browser')
  await stranger.goto(link)
  await expect(heading(stranger)).toHaveText('This link was used already')
  await stranger.goto(new URL('/', link).href)
  await expect(stranger).toHaveURL(/\/login$/)
  await stranger.goto((await stranger.getByRole('link', { name: 'Open the bot' }).getAttribute('href')) ?? '')
  await expect(stranger.getByRole('region', { name: 'Phone of Olivia' })).toBeVisible()
  await elsewhere?.close()
})

test('/login of somebody who is not in the team is a command that the bot does not know', async ({
  telegram,
  database,
}) => {
  const userId = await meetBot(telegram, 'Hal')
  const { message_id: afterMessageId } = await telegram.sendText({ userId, text: '/login' })
  const answer = await telegram.waitForMessage({ chatId: userId, fromBot: true, afterMessageId })
  expect(answer.text).toBe("I don't know that command. /help lists what I can do.")
  expect(answer.buttons ?? []).toEqual([])
  const { rows } = await database.query('SELECT 1 FROM login_tokens WHERE member_id = $1', [userId])
  expect(rows).toEqual([])
})

test('home and sign-in can be read and used by everybody, by light and in the dark, on a desk and on a phone', async ({
  page,
  context,
  telegram,
  database,
  urls,
}) => {
  const userId = await meetBot(telegram, 'A'.repeat(64), 'بوريس 🚀 '.repeat(7).trim())
  await giveCredits(database, userId, 50)
  await telegram.sendText({ userId, text: `${'long'.repeat(100)} and more` })
  const link = await linkFor(telegram, OLIVIA, '/login')
  for (const look of looks) {
    await wear(page, look)
    for (const address of [link, `${urls.web}/login`]) {
      await page.goto(address)
      await expectUsable(page)
    }
  }
  await signIn(page, telegram)
  await expect(page.getByRole('region', { name: 'Activity' })).toContainText('longlong')
  for (const look of looks) {
    await wear(page, look)
    await page.reload()
    await expect(page.locator('[aria-busy="true"]')).toHaveCount(0)
    await expect(page.getByRole('region', { name: 'Right now' })).toBeVisible()
    await expectUsable(page)
  }
  await page.getByRole('button', { name: 'More' }).click()
  await expect(page.getByRole('menuitem', { name: 'Sign out', exact: true })).toBeVisible()
  await expectUsable(page)
  await context.clearCookies()
})

test('text twice as large stays on the page', async ({ page, telegram }) => {
  await signIn(page, telegram)
  await wear(page, looks[2])
  await page.evaluate(() => {
    document.documentElement.style.fontSize = '200%'
  })
  await expectNoSidewaysScroll(page)
})

test('a browser without JavaScript is told what it is missing', async ({ page, context, telegram, urls }) => {
  await signIn(page, telegram)
  const storageState = await context.storageState()
  const plain = await context.browser()?.newContext({ javaScriptEnabled: false, storageState })
  const bare = await plain?.newPage()
  if (!bare) throw new Error('there is a browser')
  for (const [address, words] of [
    [urls.web, 'The dashboard needs JavaScript'],
    [await linkFor(telegram, OLIVIA, '/login'), 'Signing in needs JavaScript'],
    [urls.phone, 'The phone page needs JavaScript'],
  ] as const) {
    await bare.goto(address)
    const told = bare.locator('noscript')
    await expect(told).toBeInViewport()
    expect(await told.innerText()).toContain(words)
  }
  await plain?.close()
})

test('what happens appears on the open page by itself', async ({ page, telegram, database }) => {
  const userId = await meetBot(telegram, 'Ida')
  await giveCredits(database, userId, 5)
  await signIn(page, telegram)
  const waiting = page.getByRole('region', { name: 'Waiting conversations' })
  const activity = page.getByRole('region', { name: 'Activity' })
  const { rows } = await database.query(
    'SELECT count(*)::int AS count FROM conversations WHERE waiting_since IS NOT NULL',
  )
  await expect(waiting.getByText(String(rows[0]?.count), { exact: true })).toBeVisible()
  await page.bringToFront()
  await telegram.sendText({ userId, text: 'Look, no reload' })
  await expect(activity).toContainText('Look, no reload')
  await expect(waiting.getByText(String(rows[0]?.count + 1), { exact: true })).toBeVisible()
})

test('the keyboard alone finds the way out, and nothing brings the page back', async ({
  page,
  telegram,
  database,
  urls,
}) => {
  const link = await signIn(page, telegram)
  await expectLive(page)
  await pressUntilFocused(page, /^Olivia/)
  await page.keyboard.press('Enter')
  const out = page.getByRole('menuitem', { name: 'Sign out', exact: true })
  await expect(out).toBeVisible()
  for (
    let presses = 0;
    presses < 10 && !(await out.evaluate((item) => item === document.activeElement));
    presses += 1
  ) {
    await page.keyboard.press('ArrowDown')
  }
  await expect(out).toBeFocused()
  await page.keyboard.press('Enter')
  await expect(heading(page)).toHaveText('You are signed out')

  await page.goBack()
  await expect(page).toHaveURL(/\/login/)
  await expect(page.getByRole('region', { name: 'Activity' })).toHaveCount(0)
  await page.goto(urls.web)
  await expect(page).toHaveURL(/\/login$/)
  await page.goto(link)
  await expect(heading(page)).toHaveText('This link was used already')
  const { rows } = await database.query(
    'SELECT revoked_at IS NOT NULL AS over FROM web_sessions ORDER BY created_at DESC LIMIT 1',
  )
  expect(rows).toEqual([{ over: true }])
})

test('signing out everywhere ends what is open in another browser at once', async ({ page, context, telegram }) => {
  const elsewhere = await context.browser()?.newContext()
  const other = await elsewhere?.newPage()
  if (!other) throw new Error('there is a browser')
  await signIn(other, telegram)
  await expectLive(other)
  await signIn(page, telegram)
  await expectLive(page)
  await page.getByRole('button', { name: /^Olivia/ }).click()
  await page.getByRole('menuitem', { name: 'Sign out everywhere' }).click()
  await page.getByRole('alertdialog').getByRole('button', { name: 'Sign out everywhere' }).click()
  await expect(heading(page)).toHaveText('You are signed out everywhere')
  await expect(heading(other)).toHaveText('You are signed out')
  await elsewhere?.close()
})

/** Only a page that has come to life hears what is pressed. */
const expectLive = (page: Page) => expect(page.getByText('Live', { exact: true })).toBeVisible()

/** Tabs from the beginning of the page until something of that name has the focus. */
async function pressUntilFocused(page: Page, name: RegExp): Promise<void> {
  const target = page.getByRole('button', { name })
  for (let presses = 0; presses < 60; presses += 1) {
    await page.keyboard.press('Tab')
    if (await target.evaluate((button) => button === document.activeElement)) return
  }
  throw new Error(`The keyboard does not reach ${name}`)
}

test('health is 200 and names its parts; every answer carries the headers that protect it', async ({
  request,
  urls,
}) => {
  const health = await request.get(`${urls.web}/health`)
  expect(health.status()).toBe(200)
  const { status, reasons, parts } = await health.json()
  expect({ status, reasons }).toEqual({ status: 'ok', reasons: [] })
  expect(parts.map(({ part }: { part: string }) => part).sort()).toEqual(['database', 'migrations', 'poller'])

  for (const path of ['/login', '/health', '/', '/checkout/unknown']) {
    const headers = (await request.get(urls.web + path, { maxRedirects: 0 })).headers()
    expect(headers, path).toMatchObject({
      'x-content-type-options': 'nosniff',
      'x-frame-options': 'DENY',
      'referrer-policy': expect.stringMatching(/^(same-origin|no-referrer)$/),
      'permissions-policy': expect.stringContaining('camera=()'),
      'content-security-policy': expect.stringMatching(
        /default-src 'self'.*script-src 'self' 'nonce-.*frame-ancestors 'none'/,
      ),
    })
    expect(headers['x-powered-by'], path).toBeUndefined()
  }
})
