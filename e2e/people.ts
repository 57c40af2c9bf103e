import type pg from 'pg'
import type { Page } from 'playwright/test'
import type { MessageView, TelegramControl } from '#sandbox/telegram/control-types.ts'
import { expect } from './test.ts'

export const GROUP = -1_001_000_000_001
/** The owner of the sandbox' business. */
export const OLIVIA = 1_000_001

/** Somebody who is new to the bot and has just pressed Start. */
export async function meetBot(telegram: TelegramControl, name: string, lastName?: string): Promise<number> {
  const { id } = await telegram.createUser({ firstName: name, ...(lastName ? { lastName } : {}) })
  await telegram.sendText({ userId: id, text: '/start' })
  await telegram.waitForMessage({ chatId: id, fromBot: true, text: 'Write to us here' })
  return id
}

/** Credits without a purchase; the user must have met the bot. */
export async function giveCredits(database: pg.Client, userId: number, credits: number): Promise<void> {
  await database.query(`SELECT post_entry($1, 'gift', $2, 0, $3, 0, 'promotions', 'test', NULL)`, [
    userId,
    `test:${userId}:${credits}`,
    credits,
  ])
}

/** The address behind the newest link button that the bot sends in answer to a command. */
export async function linkFor(telegram: TelegramControl, userId: number, command: string): Promise<string> {
  const { message_id: asked } = await telegram.sendText({ userId, text: command })
  const isLink = (message: MessageView) => urlOn(message) !== undefined
  const answer = await telegram.waitForMessage({ chatId: userId, fromBot: true, afterMessageId: asked, where: isLink })
  return urlOn(answer) ?? ''
}

function urlOn({ buttons = [] }: MessageView): string | undefined {
  return buttons.flat().find(({ url }) => url)?.url
}

/** Opens the dashboard as Olivia. Answers the link, which is used up now. */
export async function signIn(page: Page, telegram: TelegramControl): Promise<string> {
  const link = await linkFor(telegram, OLIVIA, '/login')
  await page.goto(link)
  await page.getByRole('button', { name: 'Sign in' }).click()
  await expect(page.getByRole('heading', { name: 'Home', level: 1 })).toBeVisible()
  return link
}

/** The user's own topic in the team's group, once it is there. */
export async function topicOf(telegram: TelegramControl, userId: number) {
  return telegram.waitForTopic({ chatId: GROUP, name: new RegExp(`\\(${userId}\\)`) })
}
