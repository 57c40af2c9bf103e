import type pg from 'pg'
import type { Page } from 'playwright/test'
import type { StripeControl } from '#sandbox/stripe/control-types.ts'
import { startWeb } from '#web/testing/start-web.ts'
import { expectNoSidewaysScroll, expectUsable } from './looks.ts'
import { linkFor, meetBot } from './people.ts'
import { expect, test } from './test.ts'

const PAY = 'Pay $5.99'

async function payWith(page: Page, card: RegExp): Promise<void> {
  await page.getByRole('radio', { name: card }).check()
  await page.getByRole('button', { name: PAY }).click()
}

const heading = (page: Page) => page.getByRole('heading', { level: 1 })

/** The whole purchase in our books and in Stripe's, once no webhook is on its way any more. */
async function booksOf(database: pg.Client, stripe: StripeControl, userId: number) {
  await stripe.waitForIdleWebhooks()
  const { rows: ledger } = await database.query(
    'SELECT kind, amount, balance_after FROM ledger_entries WHERE user_id = $1 ORDER BY id',
    [userId],
  )
  const { rows: payments } = await database.query(
    'SELECT state, amount_minor, currency, session_id FROM payments WHERE user_id = $1',
    [userId],
  )
  const { rows: orders } = await database.query('SELECT id, state FROM orders WHERE user_id = $1', [userId])
  const sessions = (await stripe.listSessions()).filter((session) =>
    orders.some(({ id }) => id === session.client_reference_id),
  )
  return { ledger, payments, orders, sessions }
}

/** Twenty-five credits were bought, paid and granted once, and nobody has booked anything else. */
async function expectOnePurchase(database: pg.Client, stripe: StripeControl, userId: number): Promise<void> {
  const { ledger, payments, orders, sessions } = await booksOf(database, stripe, userId)
  expect(ledger).toEqual([{ kind: 'purchase', amount: 25, balance_after: 25 }])
  expect(sessions.map(({ payment_status }) => payment_status)).toEqual(['paid'])
  expect(payments).toEqual([{ state: 'granted', amount_minor: 599, currency: 'usd', session_id: sessions[0]?.id }])
  expect(orders.map(({ state }) => state)).toEqual(['granted'])
}

test('a declined card is said on the pay page, another one pays, and the link tells so afterwards', async ({
  page,
  telegram,
  stripe,
  database,
  urls,
}) => {
  const carl = await meetBot(telegram, 'Carl')
  const link = await linkFor(telegram, carl, '/buy25')
  await page.goto(link)
  await payWith(page, /ending 0002/)
  await expect(page.getByRole('alert')).toContainText('Your card was declined')
  expect((await booksOf(database, stripe, carl)).ledger).toEqual([])

  await payWith(page, /ending 4242/)
  await expect(heading(page)).toHaveText('Paid, thank you')
  await expect(page.getByText('25 credits were added to your account.')).toBeVisible()
  await telegram.waitForMessage({ chatId: carl, fromBot: true, text: 'You have 25 credits now' })
  await expectOnePurchase(database, stripe, carl)

  await page.goto(link)
  await expect(heading(page)).toHaveText('Paid, thank you')
  await expect(page.getByRole('link', { name: /^Pay/ })).toHaveCount(0)
  await page.reload()
  await expectOnePurchase(database, stripe, carl)
  const thanks = await telegram.listMessages({ chatId: carl })
  expect(thanks.filter(({ text }) => text?.includes('Paid, thank you'))).toHaveLength(1)
  await expect(page.getByRole('link', { name: 'Back to the chat' })).toHaveAttribute(
    'href',
    new RegExp(`^${urls.phone}`),
  )
})

test('a card whose bank asks the buyer pays after the challenge, not before', async ({
  page,
  telegram,
  stripe,
  database,
}) => {
  const dora = await meetBot(telegram, 'Dora')
  await page.goto(await linkFor(telegram, dora, '/buy25'))
  await payWith(page, /ending 3155/)
  await page.getByRole('button', { name: 'Fail authentication' }).click()
  await expect(page.getByRole('alert')).toContainText('unable to authenticate')
  expect((await booksOf(database, stripe, dora)).payments).toEqual([])

  await payWith(page, /ending 3155/)
  await page.getByRole('button', { name: 'Complete authentication' }).click()
  await expect(heading(page)).toHaveText('Paid, thank you')
  await telegram.waitForMessage({ chatId: dora, fromBot: true, text: 'You have 25 credits now' })
  await expectOnePurchase(database, stripe, dora)
})

test('a bank debit is being confirmed until it arrives or bounces; the open page follows by itself', async ({
  page,
  context,
  telegram,
  stripe,
  database,
}) => {
  const [emil, fay] = await Promise.all([meetBot(telegram, 'Emil'), meetBot(telegram, 'Fay')])
  const bouncing = await context.newPage()
  const link = await linkFor(telegram, emil, '/buy25')
  await page.goto(link)
  await bouncing.goto(await linkFor(telegram, fay, '/buy25'))
  await payWith(bouncing, /bounces/)
  await expect(heading(bouncing)).toHaveText('Your payment is being confirmed')
  await payWith(page, /arrives/)
  await expect(heading(page)).toHaveText('Your payment is being confirmed')
  expect((await booksOf(database, stripe, emil)).ledger).toEqual([])
  const impatient = await context.newPage()
  await impatient.goto(link)
  await expect(heading(impatient)).toHaveText('Your payment is being confirmed')
  await impatient.close()

  await expect(heading(bouncing)).toHaveText('The payment did not go through', { timeout: 20_000 })
  await expect(bouncing.getByText('nothing was charged. You can pay in another way.')).toBeVisible()
  await expect(bouncing.getByRole('link', { name: PAY })).toBeVisible()
  await page.bringToFront()
  await expect(heading(page)).toHaveText('Paid, thank you', { timeout: 20_000 })
  await telegram.waitForMessage({ chatId: emil, fromBot: true, text: 'You have 25 credits now' })
  await expectOnePurchase(database, stripe, emil)
  const failed = await booksOf(database, stripe, fay)
  expect(failed).toMatchObject({ ledger: [], payments: [], orders: [{ state: 'open' }] })
})

test('who leaves the pay page was charged nothing and can pay later by the same link', async ({
  page,
  telegram,
  stripe,
  database,
}) => {
  await page.setViewportSize({ width: 390, height: 844 })
  const gus = await meetBot(telegram, 'Gus')
  await page.goto(await linkFor(telegram, gus, '/buy25'))
  await expectNoSidewaysScroll(page)
  await page.getByRole('link', { name: /^Back to/ }).click()
  await expect(heading(page)).toHaveText('Nothing was charged')
  await expectUsable(page)
  expect(await booksOf(database, stripe, gus)).toMatchObject({ ledger: [], payments: [], orders: [{ state: 'open' }] })

  await page.getByRole('link', { name: PAY }).click()
  await payWith(page, /ending 4242/)
  await expect(heading(page)).toHaveText('Paid, thank you')
  await expectUsable(page)
  await expectOnePurchase(database, stripe, gus)
})

test('while Stripe does not answer, the link says so and leads on as soon as it does', async ({
  page,
  telegram,
  stripe,
  database,
}) => {
  const hugo = await meetBot(telegram, 'Hugo')
  const link = await linkFor(telegram, hugo, '/buy25')
  await stripe.addApiFault({ kind: 'server_error', path: '/v1/checkout/sessions', times: 1_000 })
  try {
    await page.goto(link)
    await expect(heading(page)).toHaveText('The payment page does not answer')
  } finally {
    await stripe.clearApiFaults()
  }
  await page.getByRole('link', { name: 'Try again' }).click()
  await payWith(page, /ending 4242/)
  await expect(heading(page)).toHaveText('Paid, thank you')
  await expectOnePurchase(database, stripe, hugo)
})

test('a pay link that is too old says so, charges nothing and names the way to a new one', async ({
  page,
  telegram,
  stripe,
  database,
}) => {
  const ines = await meetBot(telegram, 'Ines')
  const link = await linkFor(telegram, ines, '/buy25')
  await database.query(`UPDATE orders SET expires_at = now() - interval '1 minute' WHERE user_id = $1`, [ines])
  await page.goto(link)
  await expect(heading(page)).toHaveText('This link has expired')
  await expect(page.getByText('Nothing was charged. Send /buy in the chat to get a new one.')).toBeVisible()
  expect(await booksOf(database, stripe, ines)).toMatchObject({ ledger: [], payments: [], sessions: [] })
  expect(await linkFor(telegram, ines, '/buy25')).not.toBe(link)
})

test('what was bought may be called anything: its name stays on the page and cannot widen it', async ({
  page,
  telegram,
  database,
}) => {
  await page.setViewportSize({ width: 390, height: 844 })
  const label = `<b>${'Donaudampfschiff'.repeat(6)}`
  const jana = await meetBot(telegram, 'Jana')
  const link = await linkFor(telegram, jana, '/buy25')
  await database.query('UPDATE orders SET label = $2 WHERE user_id = $1', [jana, label])
  await page.goto(`${link}/cancel`)
  await expect(page.getByText(`You left before paying for ${label}.`)).toBeVisible()
  await expect(page).toHaveTitle('Your order · Paydesk')
  await expectNoSidewaysScroll(page)
})

test.describe('a link that is followed while the database is away', () => {
  // What Chromium says about a page that failed, and about an address at which nobody answers.
  test.use({ expectedComplaint: /net::ERR_|Failed to load resource|React error #441/ })

  test('leads to a page that says so, stays while the web process is replaced, and goes on by itself', async ({
    page,
    telegram,
  }) => {
    const ivan = await meetBot(telegram, 'Ivan')
    const { pathname } = new URL(await linkFor(telegram, ivan, '/buy25'))
    const failed = page.getByRole('heading', { name: 'This page could not be loaded' })
    const away = await startWeb({ databaseUrl: 'postgresql://nobody@127.0.0.1:9/nothing' })
    try {
      for (const link of ['/checkout/card/x', '/checkout/billing/x', pathname]) {
        await page.goto(away.url + link)
        await expect(failed).toBeVisible()
        await expect(page.getByText('the bot confirms it in the chat')).toBeVisible()
      }
    } finally {
      await away.stop()
    }
    const unheard = page.waitForEvent('requestfailed')
    await page.getByRole('button', { name: 'Try again' }).click()
    await unheard
    await expect(failed).toBeVisible()

    const back = await startWeb({
      databaseUrl: process.env.E2E_DATABASE_URL ?? '',
      port: Number(new URL(away.url).port),
    })
    try {
      await expect(heading(page)).toHaveText('The payment page does not answer', { timeout: 20_000 })
      await expect(page.getByRole('link', { name: 'Try again' })).toHaveAttribute('href', pathname)
    } finally {
      await back.stop()
    }
  })
})

test.describe('a pay link that is none', () => {
  test.use({ expectedComplaint: /status of 404/ })

  test('is said to be unknown, whether cut off or made up', async ({ page, urls }) => {
    await page.setViewportSize({ width: 390, height: 844 })
    for (const token of ['cut-off', 'A'.repeat(32), '%00', `${'A'.repeat(31)}<`]) {
      const response = await page.goto(`${urls.web}/checkout/${token}`)
      expect(response?.status(), token).toBe(404)
      await expect(heading(page)).toHaveText("We don't know this pay link")
      await expect(page.getByRole('link', { name: 'Back to the chat' })).toBeVisible()
      await expectNoSidewaysScroll(page)
    }
  })

  test('of a card speaks of the card, and of the command that hands out such links', async ({ page, urls }) => {
    const response = await page.goto(`${urls.web}/checkout/card/${'A'.repeat(32)}`)
    expect(response?.status()).toBe(404)
    await expect(heading(page)).toHaveText("We don't know this card link")
    await expect(page.getByText('Send /autorecharge in the chat to get a new one.')).toBeVisible()
  })
})
