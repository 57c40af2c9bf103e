import { Phone } from './phone.ts'
import { expect, test } from './test.ts'

const ANN = 2_000_001

test('Ann buys credits, writes, is answered, and the owner watches it in the dashboard', async ({
  page,
  urls,
  telegram,
  stripe,
  database,
}) => {
  const phone = new Phone(page, urls.phone)
  await phone.open()

  await test.step('Ann meets the bot and opens the shop', async () => {
    await phone.start()
    await expect(phone.chat).toContainText('Write to us here')
    await phone.press(/Start/)
    await expect(phone.chat.getByRole('button', { name: /25 credits/ })).toBeVisible()
  })

  await test.step('a message before paying waits, costs nothing and says what is missing', async () => {
    await phone.write('Ann', 'Hello?')
    await expect(phone.chat).toContainText('Not sent yet: this costs 1 credit and you have 0')
    expect((await database.query('SELECT 1 FROM messages')).rowCount).toBe(0)
    expect(await telegram.listTopics({ chatId: -1_001_000_000_001 })).toEqual([])
  })

  await test.step('she pays on the hosted page and comes back with credits', async () => {
    await phone.press(/25 credits/)
    const checkout = await phone.follow(/Pay \$5\.99/)
    await checkout.getByRole('button', { name: 'Pay $5.99' }).click()
    await expect(checkout.getByRole('heading', { level: 1 })).toContainText(/paid|thank/i)
    await checkout.close()
    await expect(phone.chat).toContainText('You have 25 credits now')
    await expect(phone.chat).toContainText('Your waiting message is on its way now')
    const { rows } = await database.query(
      `SELECT e.amount, p.state, p.amount_minor FROM ledger_entries e JOIN payments p ON e.ref = 'order:' || p.order_id`,
    )
    expect(rows).toEqual([{ amount: 25, state: 'granted', amount_minor: 599 }])
    const sessions = await stripe.listSessions()
    expect(sessions.filter((session) => session.payment_status === 'paid')).toHaveLength(1)
  })

  await test.step('what waited and what she writes now stand in a topic of her own, under a pinned card', async () => {
    await phone.write('Ann', 'Is anybody there?')
    await expect(phone.chat).toContainText('23 credits left')
    const topic = await phone.openTopic(/Ann/)
    await expect(topic).toContainText('Hello?')
    await expect(topic).toContainText('Is anybody there?')
    await expect(page.getByRole('button', { name: /Pinned message/ })).toContainText('23 credits')
    expect(await telegram.listTopics({ chatId: -1_001_000_000_001 })).toHaveLength(1)
  })

  await test.step('the team answers and Ann reads it', async () => {
    await phone.answer('Yes, hello Ann!')
    await expect(phone.chat).toContainText('Yes, hello Ann!')
    const [copy] = (await telegram.calls({ method: 'copyMessage', chatId: ANN })).slice(-1)
    expect(copy?.result).toBeTruthy()
    const { rows } = await database.query(
      `SELECT direction, cost,
         delivered_at IS NOT NULL OR id IN (SELECT message_id FROM message_places) AS delivered
       FROM messages ORDER BY id`,
    )
    expect(rows).toEqual([
      { direction: 'in', cost: 1, delivered: true },
      { direction: 'in', cost: 1, delivered: true },
      { direction: 'out', cost: 0, delivered: true },
    ])
  })

  await test.step('the owner signs in by a link that works once and sees it all, live', async () => {
    await page.getByRole('button', { name: 'Open dashboard' }).click()
    const dashboard = await phone.follow(/Open the dashboard/)
    const signInLink = dashboard.url()
    await dashboard.getByRole('button', { name: 'Sign in' }).click()
    await expect(dashboard.getByRole('heading', { name: 'Home', level: 1 })).toBeVisible()
    await expect(dashboard.getByRole('region', { name: 'Revenue today' })).toContainText('$5.99')
    await expect(dashboard.getByRole('region', { name: 'Waiting conversations' })).toContainText('0')
    const activity = dashboard.getByRole('region', { name: 'Activity' })
    await expect(activity).toContainText('Yes, hello Ann!')

    await telegram.sendText({ userId: ANN, text: 'Thank you, one more thing' })
    await expect(activity).toContainText('Thank you, one more thing')
    await expect(dashboard.getByRole('region', { name: 'Waiting conversations' })).toContainText('1')

    const again = await page.context().browser()?.newPage()
    await again?.goto(signInLink)
    await expect(again?.getByRole('button', { name: 'Sign in' }) ?? page.locator('none')).toHaveCount(0)
    await again?.close()
  })
})
