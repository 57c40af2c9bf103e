import type { Page } from 'playwright/test'
import { startWeb } from '#web/testing/start-web.ts'
import { giveCredits, linkFor, meetBot, OLIVIA } from './people.ts'
import { expect, test } from './test.ts'

const activityOn = (page: Page) => page.getByRole('region', { name: 'Activity' })

// What Chromium says about an address at which nobody answers.
test.use({ expectedComplaint: /net::ERR_|Failed to load resource/ })

test('a page that is open while the web process is replaced keeps what it shows, says so, and is live again by itself', async ({
  page,
  telegram,
  database,
}) => {
  const databaseUrl = process.env.E2E_DATABASE_URL ?? ''
  const userId = await meetBot(telegram, 'Nora')
  await giveCredits(database, userId, 5)
  const before = await startWeb({ databaseUrl })
  const { port } = new URL(before.url)
  try {
    const { search } = new URL(await linkFor(telegram, OLIVIA, '/login'))
    await page.goto(`${before.url}/login${search}`)
    await page.getByRole('button', { name: 'Sign in' }).click()
    await expect(page.getByText('Live', { exact: true })).toBeVisible()
    await telegram.sendText({ userId, text: 'Said before the stop' })
    await expect(activityOn(page)).toContainText('Said before the stop')
    await telegram.sendText({ userId, text: 'Said while it stops' })
  } finally {
    await before.stop()
  }
  await expect(page.getByText(/^Not live: shown as it was at/)).toBeVisible()
  await expect(activityOn(page)).toContainText('Said before the stop')

  const after = await startWeb({ databaseUrl, port: Number(port) })
  try {
    await telegram.sendText({ userId, text: 'Said after the restart' })
    await expect(activityOn(page)).toContainText('Said after the restart')
    await expect(page.getByText('Live', { exact: true })).toBeVisible()
  } finally {
    await after.stop()
  }
})
