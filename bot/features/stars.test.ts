import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { changeSetting } from '#core/settings/change-setting.ts'
import type { RailChoice } from '#core/settings/settings.ts'
import type { MessageView } from '#sandbox/telegram/control-types.ts'
import { type BotStage, startBotStage } from '#testing/bot-stage.ts'
import { eventually } from '#testing/payments/shop.ts'

let stage: BotStage
beforeAll(async () => {
  stage = await startBotStage({ hasProducts: true })
  await stage.prisma.product.update({ where: { quickBuy: 500 }, data: { priceStars: null } })
})
afterAll(() => stage.close())
beforeEach(() => takeMoneyBy('both'))

const newPerson = () => stage.newUser({ credits: 0 }).then(({ id }) => id)
const write = (userId: number, text: string) => stage.world.sendText({ userId, text })
const labels = (message: MessageView) => (message.buttons ?? []).flat().map(({ text }) => text)
const isInvoice = ({ extra }: MessageView) => extra?.kind === 'invoice'
const chargesOf = (userId: number) => stage.prisma.payment.findMany({ where: { userId: BigInt(userId) } })
const orderOf = (userId: number) => stage.prisma.order.findFirstOrThrow({ where: { userId: BigInt(userId) } })

/** The owner changes how money is taken; resolves when the running bot goes by it. */
async function takeMoneyBy(rails: RailChoice): Promise<void> {
  const { id } = stage.world.createUser({})
  const listed = () => stage.world.listCommands({ userId: id }).find(({ command }) => command === 'buy10')?.description
  // The command list is renewed after the setting was read. By way of Stars, because only their prices look different.
  for (const [value, price] of [
    ['stars', '⭐ 150'],
    [rails, rails === 'stars' ? '⭐ 150' : '$2.99'],
  ] as const) {
    await changeSetting(stage.prisma, { key: 'rails', value, updatedBy: 'test' })
    await eventually(
      async () => listed() ?? '',
      (text) => text.endsWith(price),
    )
  }
}

const said = (userId: number, holds: (message: MessageView) => boolean) =>
  stage.world.waitForMessage({ chatId: userId, fromBot: true, where: holds })

/** Chooses ten credits and asks for the invoice. */
async function askForInvoice(userId: number): Promise<MessageView> {
  write(userId, '/buy10')
  const offer = await said(userId, (message) => labels(message).includes('⭐ 150 Stars'))
  await stage.tap(offer, userId, { label: '⭐ 150 Stars' })
  return said(userId, isInvoice)
}

const pay = (userId: number, { chatId, messageId }: MessageView) =>
  stage.world.payInvoice({ userId, chatId, messageId })

async function payForTen(userId: number): Promise<string> {
  const paid = await pay(userId, await askForInvoice(userId))
  if (paid.status !== 'paid') throw new Error(JSON.stringify(paid))
  return paid.chargeId
}

describe('buying', () => {
  test('offers both ways, and what is paid in Stars is granted, told, and neither relayed nor charged', async () => {
    const userId = await newPerson()
    write(userId, '/buy10')
    const offer = await said(userId, (message) => labels(message).includes('⭐ 150 Stars'))
    expect(labels(offer)).toEqual(['💳 Pay $2.99', '⭐ 150 Stars', '◀️ Back'])
    expect(offer.text).toContain('$2.99 or ⭐ 150')
    await stage.tap(offer, userId, { label: '⭐ 150 Stars' })
    const invoice = await said(userId, isInvoice)
    expect(labels(invoice)).toEqual(['Pay ⭐ 150'])
    expect((await pay(userId, invoice)).status).toBe('paid')
    await said(userId, ({ text }) => text?.includes('You have 10 credits now') ?? false)
    await stage.settle()
    expect(await stage.messagesOf(userId)).toEqual([])
    expect(
      stage.world.listTopics({ chatId: stage.groupId }).filter(({ name }) => name.includes(String(userId))),
    ).toEqual([])
    expect(stage.saidTo(userId)).toHaveLength(3)
    expect(await orderOf(userId)).toMatchObject({ state: 'granted', rail: 'stars' })
  })

  test('sends the invoice at once where Stars are the only way, and offers nothing without a price in Stars', async () => {
    await takeMoneyBy('stars')
    const userId = await newPerson()
    write(userId, '/buy')
    const list = await said(userId, ({ buttons }) => buttons !== undefined)
    expect(labels(list)).toContain('⭐ 150 · 10 credits')
    expect(labels(list).some((label) => label.includes('500 credits'))).toBe(false)
    await stage.tap(list, userId, { label: '⭐ 150 · 10 credits' })
    expect((await pay(userId, await said(userId, isInvoice))).status).toBe('paid')
    await said(userId, ({ text }) => text?.includes('You have 10 credits now') ?? false)
    write(userId, '/buy500')
    await said(userId, ({ text }) => text?.startsWith('There is nothing to buy with that number') ?? false)
  })

  test('asks for money alone where that is the only way, and old buttons for Stars say so', async () => {
    const userId = await newPerson()
    write(userId, '/buy10')
    const offer = await said(userId, (message) => labels(message).includes('⭐ 150 Stars'))
    await takeMoneyBy('stripe')
    const answer = await stage.tap(offer, userId, { label: '⭐ 150 Stars' })
    expect(answer).toMatchObject({ showAlert: true, text: 'This offer is closed. Choose again with /buy' })
    write(userId, '/buy10')
    const anew = await said(userId, ({ messageId, buttons }) => messageId > offer.messageId && buttons !== undefined)
    expect(labels(anew)).toEqual(['💳 Pay $2.99', '◀️ Back'])
  })

  test('gives what was paid for once, however often Telegram reports it', async () => {
    const userId = await newPerson()
    await payForTen(userId)
    await stage.settle()
    for (let n = 0; n < 5; n++) stage.world.duplicateUpdate({ newId: true })
    await stage.settle()
    expect(await stage.accountOf(userId)).toMatchObject({ paid: 10 })
    expect(await chargesOf(userId)).toHaveLength(1)
  })

  test.each(['s1:', 's1:not-an-order', `s1:${'0'.repeat(36)}`, 's1:0190c1f0-0000-7000-8000-000000000000'])(
    'a button that was never issued (%s) gets an answer and no invoice',
    async (data) => {
      const userId = await newPerson()
      write(userId, '/buy10')
      const offer = await said(userId, ({ buttons }) => buttons !== undefined)
      expect((await stage.tap(offer, userId, { data })).text).toBeTruthy()
      await stage.settle()
      expect(stage.saidTo(userId).some(isInvoice)).toBe(false)
    },
  )

  test('a button for somebody else’s order brings no invoice', async () => {
    const [userId, otherId] = [await newPerson(), await newPerson()]
    await askForInvoice(userId)
    const { id } = await orderOf(userId)
    write(otherId, '/buy')
    const list = await said(otherId, ({ buttons }) => buttons !== undefined)
    expect(await stage.tap(list, otherId, { data: `s1:${id}` })).toMatchObject({ showAlert: true })
  })

  test('a button for an offer that was paid or has ended says so and brings no invoice', async () => {
    const userId = await newPerson()
    await payForTen(userId)
    await said(userId, ({ text }) => text?.includes('You have 10 credits now') ?? false)
    const offer = await said(userId, (message) => labels(message).includes('⭐ 150 Stars'))
    const closed = { showAlert: true, text: 'This offer is closed. Choose again with /buy' }
    expect(await stage.tap(offer, userId, { label: '⭐ 150 Stars' })).toMatchObject(closed)
    const otherId = await newPerson()
    write(otherId, '/buy10')
    const ended = await said(otherId, (message) => labels(message).includes('⭐ 150 Stars'))
    await stage.prisma.order.updateMany({ where: { userId: BigInt(otherId) }, data: { expiresAt: new Date(0) } })
    expect(await stage.tap(ended, otherId, { label: '⭐ 150 Stars' })).toMatchObject(closed)
    await stage.settle()
    expect([userId, otherId].map((id) => stage.saidTo(id).filter(isInvoice).length)).toEqual([1, 0])
  })
})

describe('just before the Stars move', () => {
  const refusalFor = async (userId: number, invoice: MessageView) => {
    const outcome = await pay(userId, invoice)
    expect(outcome.status).toBe('declined')
    expect(await chargesOf(userId)).toEqual([])
    return outcome.status === 'declined' ? outcome.reason : ''
  }

  test('a forwarded invoice is refused to everybody but its buyer', async () => {
    const [userId, otherId] = [await newPerson(), await newPerson()]
    const invoice = await askForInvoice(userId)
    expect(await refusalFor(otherId, invoice)).toContain('made for somebody else')
    expect((await pay(userId, invoice)).status).toBe('paid')
  })

  test('a second invoice for what is paid is refused', async () => {
    const userId = await newPerson()
    const first = await askForInvoice(userId)
    const offer = await said(userId, (message) => labels(message).includes('⭐ 150 Stars'))
    await stage.tap(offer, userId, { label: '⭐ 150 Stars' })
    const second = await said(userId, (message) => isInvoice(message) && message.messageId !== first.messageId)
    await pay(userId, first)
    await said(userId, ({ text }) => text?.includes('You have 10 credits now') ?? false)
    expect(await pay(userId, second)).toEqual({
      status: 'declined',
      reason: 'This is paid already. Nothing more is due.',
    })
  })

  test('an offer that has ended, a price that changed and a person who is shut out are refused with the reason', async () => {
    const userId = await newPerson()
    const invoice = await askForInvoice(userId)
    const { id } = await orderOf(userId)
    const change = (data: { expiresAt?: Date; priceStars?: number }) =>
      stage.prisma.order.update({ where: { id }, data })
    await change({ expiresAt: new Date(0) })
    expect(await refusalFor(userId, invoice)).toContain('has ended')
    await change({ expiresAt: new Date(Date.now() + 60_000), priceStars: 151 })
    expect(await refusalFor(userId, invoice)).toContain('price has changed')
    await change({ priceStars: 150 })
    await stage.prisma.user.update({ where: { id: BigInt(userId) }, data: { bannedAt: new Date() } })
    expect(await refusalFor(userId, invoice)).toContain("can't buy here")
  })

  test('a way to pay that was closed a moment ago is closed', async () => {
    const userId = await newPerson()
    const invoice = await askForInvoice(userId)
    await changeSetting(stage.prisma, { key: 'rails', value: 'stripe', updatedBy: 'test' })
    expect(await refusalFor(userId, invoice)).toContain('not taken at the moment')
  })

  test('while orders cannot be looked up the buyer is asked to come back, and pays nothing', async () => {
    const userId = await newPerson()
    const invoice = await askForInvoice(userId)
    await stage.settle()
    await stage.prisma.$executeRaw`ALTER TABLE orders RENAME TO orders_away`
    const outcome = await pay(userId, invoice)
    await stage.prisma.$executeRaw`ALTER TABLE orders_away RENAME TO orders`
    expect(outcome).toMatchObject({ status: 'declined', reason: expect.stringContaining('try again in a minute') })
    expect((await pay(userId, invoice)).status).toBe('paid')
  })

  test('the answer comes in time while every lane is stuck and every connection is taken', async () => {
    const userId = await newPerson()
    const invoice = await askForInvoice(userId)
    const writers = await Promise.all(Array.from({ length: 40 }, () => stage.newUser({ credits: 10 })))
    await stage.settle()
    const client = await stage.db.pool.connect()
    await client.query('BEGIN')
    await client.query('LOCK TABLE accounts, users IN EXCLUSIVE MODE')
    for (const { id } of writers) for (const text of ['/buy10', 'hello', '/start']) write(id, text)
    await eventually(
      async () => await stage.prisma.inboxUpdate.count({ where: { doneAt: null } }),
      (open) => open >= 60,
    )
    const outcome = await pay(userId, invoice)
    await client.query('COMMIT')
    client.release()
    expect(outcome.status).toBe('paid')
    await said(userId, ({ text }) => text?.includes('You have 10 credits now') ?? false)
    await stage.settle()
  })
})

describe('a subscription', () => {
  async function subscribe(): Promise<{ userId: number; chargeId: string }> {
    const userId = await newPerson()
    const club = await stage.prisma.product.upsert({
      where: { quickBuy: 77 },
      create: {
        kind: 'subscription',
        label: 'Club',
        amount: 30,
        gives: 'credits',
        priceMinor: 1_000,
        priceStars: 400,
        currency: 'usd',
        quickBuy: 77,
      },
      update: {},
    })
    write(userId, `/buy${club.quickBuy}`)
    const offer = await said(userId, (message) => labels(message).includes('Subscribe · ⭐ 400 Stars a month'))
    expect(offer.text).toContain('⭐ 400 a month. Renews by itself; /subscription ends it at any time.')
    const link = offer.buttons?.flat().find(({ text }) => text.includes('⭐ 400'))?.url ?? ''
    const paid = await stage.world.payInvoice({ userId, link })
    if (paid.status !== 'paid') throw new Error(JSON.stringify(paid))
    await said(userId, ({ text }) => text?.includes('You have 30 credits now') ?? false)
    return { userId, chargeId: paid.chargeId }
  }

  test('grants each month once, until the person stops it', async () => {
    const { userId, chargeId } = await subscribe()
    expect(stage.world.letStarMonthPass({ chargeId }).status).toBe('renewed')
    await said(userId, ({ text }) => text?.includes('You have 60 credits now') ?? false)
    write(userId, '/stars')
    const shown = await said(userId, (message) => labels(message).includes('Stop renewing'))
    expect(shown.text).toMatch(/^⭐ Club renews on \w+ \d+, \d{4}\.$/)
    await stage.tap(shown, userId, { label: 'Stop renewing' })
    await said(userId, ({ text }) => text?.includes('is not renewed') ?? false)
    expect(stage.world.listStarSubscriptions({ userId })[0]?.state).toBe('canceled-by-bot')
    write(userId, '/stars')
    const again = await said(userId, (message) => labels(message).includes('Renew again'))
    await stage.tap(again, userId, { label: 'Renew again' })
    await said(userId, ({ text }) => text?.includes('may be renewed again') ?? false)
    expect(stage.world.letStarMonthPass({ chargeId })).toEqual({ status: 'ended' })
    await stage.settle()
    expect(await stage.accountOf(userId)).toMatchObject({ paid: 60 })
  })

  test('that is cancelled in Telegram’s own settings is known to end', async () => {
    const { userId, chargeId } = await subscribe()
    stage.world.changeStarSubscription({ chargeId, change: 'cancel' })
    await stage.settle()
    const subscription = await stage.prisma.subscription.findFirstOrThrow({ where: { userId: BigInt(userId) } })
    expect(subscription).toMatchObject({ rail: 'stars', status: 'active', cancelAtPeriodEnd: true })
  })

  test('that could not be paid is told once, and nothing more is granted', async () => {
    const { userId, chargeId } = await subscribe()
    expect(stage.world.letStarMonthPass({ chargeId, hasStars: false })).toEqual({ status: 'failed' })
    await said(userId, ({ text }) => text?.includes('could not be renewed') ?? false)
    stage.world.duplicateUpdate({ newId: true })
    await stage.settle()
    const told = stage.saidTo(userId).filter(({ text }) => text?.includes('could not be renewed'))
    expect(told).toHaveLength(1)
    expect(await stage.accountOf(userId)).toMatchObject({ paid: 30 })
  })
})
