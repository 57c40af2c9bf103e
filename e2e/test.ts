import pg from 'pg'
import { test as base, expect } from 'playwright/test'
import { createStripeControl } from '#sandbox/stripe/control.ts'
import { createTelegramControl } from '#sandbox/telegram/control.ts'
import type { TelegramControl } from '#sandbox/telegram/control-types.ts'

interface Fixtures {
  /** What everybody relies on: no page may log an error or break. */
  calmConsole: undefined
  /** Complaints that belong to what a test does, such as Chromium's about a page that is answered with 404. */
  expectedComplaint: RegExp | null
  telegram: TelegramControl
  stripe: ReturnType<typeof createStripeControl>
  database: pg.Client
  urls: { web: string; phone: string }
}

function required(name: string): string {
  const value = process.env[name]
  if (!value) throw new Error(`${name} is set by the global set-up`)
  return value
}

export const test = base.extend<Fixtures>({
  expectedComplaint: [null, { option: true }],
  calmConsole: [
    async ({ context, expectedComplaint }, use) => {
      const problems: string[] = []
      context.on('console', (message) => {
        if (message.type() === 'error') problems.push(`console.error: ${message.text()} (${message.location().url})`)
      })
      context.on('weberror', (error) => problems.push(`page error: ${error.error().message}`))
      await use(undefined)
      expect(problems.filter((problem) => !expectedComplaint?.test(problem))).toEqual([])
    },
    { auto: true },
  ],
  telegram: async ({ page: _page }, use) => {
    const control = createTelegramControl(required('E2E_TELEGRAM_URL'))
    await use(control)
    await control.close()
  },
  stripe: async ({ page: _page }, use) => {
    await use(createStripeControl(required('E2E_STRIPE_URL')))
  },
  database: async ({ page: _page }, use) => {
    const client = new pg.Client(required('E2E_DATABASE_URL'))
    await client.connect()
    await use(client)
    await client.end()
  },
  urls: async ({ page: _page }, use) => {
    await use({ web: required('E2E_WEB_URL'), phone: required('E2E_PHONE_URL') })
  },
})

export { expect }
