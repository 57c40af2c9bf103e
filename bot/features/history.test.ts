import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { giveGift } from '#core/ledger/give-gift.ts'
import { postEntry } from '#core/ledger/post-entry.ts'
import type { MessageView } from '#sandbox/telegram/control-types.ts'
import { type BotStage, startBotStage } from '#testing/bot-stage.ts'
import { grantPayment } from '#testing/payments/granted-payment.ts'

let stage: BotStage
beforeAll(async () => {
  stage = await startBotStage({ callbackDeadlineMs: 2_000 })
})
afterAll(() => stage.close())

const OLDER = 'Older ▶️'
const NEWER = '◀️ Newer'

async function askHistory(userId: number): Promise<MessageView> {
  const before = stage.saidTo(userId).length
  stage.world.sendText({ userId, text: '/history' })
  return stage.world.waitFor(() => stage.saidTo(userId)[before])
}

const labels = (message: MessageView) => (message.buttons ?? []).flat().map(({ text }) => text)

/** The lines of a page without their day. */
const lines = ({ text }: MessageView) =>
  (text ?? '')
    .split('\n\n')
    .at(-1)
    ?.split('\n')
    .map((line) => line.split(' · ').slice(1).join(' · '))

const correct = (userId: number, serial: number) =>
  postEntry(stage.prisma, {
    userId: BigInt(userId),
    kind: 'adjustment',
    ref: `correction:${userId}:${serial}`,
    bonusDelta: 1,
    contra: 'corrections',
    actor: 'team:1',
    reason: `number ${serial}`,
  })

describe('/history', () => {
  test('says what came and went, why, and what was left; messages of a day are one line', async () => {
    const user = await stage.newUser({ credits: 0 })
    const userId = BigInt(user.id)
    await grantPayment(stage.prisma, { userId })
    stage.world.sendText({ userId: user.id, text: 'hello' })
    stage.world.sendMedia({ userId: user.id, kind: 'voice' })
    await stage.settle()
    const actor = { id: 1n, name: 'Olga', role: 'admin' } as const
    await giveGift(stage.prisma, { userId, credits: 5, reason: 'for\nyour patience', ref: `gift:${userId}`, actor })
    await grantPayment(stage.prisma, { userId, product: { kind: 'time', label: '2 days', amount: 172_800, bonus: 0 } })
    await stage.settle()
    const page = await askHistory(user.id)
    expect(lines(page)).toEqual([
      '🛒 2 days · ⏳ +2d',
      '🎁 for your patience · +5 → 11',
      '2 messages · −6 → 6',
      'Bonus with 10 credits · +2 → 12',
      '🛒 10 credits · +10 → 10',
    ])
    expect(page.text).toContain('Credits this week: +17 −6\nCredits this month: +17 −6\nCredits last month: +0 −0')
    expect(labels(page)).toEqual([])
  })

  test('is paged in one message, there and back', async () => {
    const user = await stage.newUser({ credits: 0 })
    for (let serial = 1; serial <= 20; serial += 1) await correct(user.id, serial)
    const page = await askHistory(user.id)
    const shown = (from: number) =>
      stage.world.waitFor(() => {
        const now = stage.world.getMessage({ chatId: user.id, messageId: page.messageId })
        return now?.text?.includes(`Correction: number ${from} · +1 → ${from}\n`) &&
          lines(now)?.[0]?.includes(`number ${from} `)
          ? now
          : undefined
      })
    expect(labels(page)).toEqual([OLDER])
    await stage.tap(await shown(20), user.id, { label: OLDER })
    expect(labels(await shown(12))).toEqual([NEWER, OLDER])
    await stage.tap(await shown(12), user.id, { label: OLDER })
    expect(labels(await shown(4))).toEqual([NEWER])
    await stage.tap(await shown(4), user.id, { label: NEWER })
    await stage.tap(await shown(12), user.id, { label: NEWER })
    await shown(20)
    expect(stage.saidTo(user.id)).toHaveLength(1)
  })

  test('of somebody new is empty', async () => {
    const { id } = stage.world.createUser()
    expect((await askHistory(id)).text).toBe('Nothing has happened yet: no credits came and none went.')
  })

  test('is shown to nobody but its owner, whatever button is pressed', async () => {
    const [ann, bob] = [await stage.newUser({ credits: 0 }), await stage.newUser({ credits: 0 })]
    for (let serial = 1; serial <= 9; serial += 1) await correct(ann.id, serial)
    const page = await askHistory(bob.id)
    for (const data of ['h1:older:9', 'h1:newer:0', 'h1:older:999999999']) await stage.tap(page, bob.id, { data })
    await stage.settle()
    expect(stage.saidTo(bob.id).some(({ text }) => text?.includes('number'))).toBe(false)
    for (const data of ['h1:older:9999999999', 'h1:older:-1', 'h0:older:1', 'h1:sideways:1']) {
      expect((await stage.tap(page, bob.id, { data })).text).toBe('This button is out of date.')
    }
  })
})
