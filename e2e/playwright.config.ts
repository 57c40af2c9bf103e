import { defineConfig } from 'playwright/test'
import { findChromium } from '#testing/chromium.ts'

const chromium = await findChromium()

/** The real processes, started by the same command as a newcomer's, and a real browser in front of them. */
export default defineConfig({
  testDir: '.',
  outputDir: '../.data/test/playwright',
  globalSetup: './global-setup.ts',
  // One installation is shared: its numbers, its queues, its people.
  workers: 1,
  fullyParallel: false,
  forbidOnly: true,
  retries: 0,
  timeout: 60_000,
  expect: { timeout: 10_000 },
  use: {
    browserName: 'chromium',
    headless: true,
    launchOptions: {
      executablePath: chromium.executablePath,
      args: chromium.args,
      env: { ...process.env, ...chromium.env },
    },
    actionTimeout: 10_000,
    // Recording them takes an eighth of the time; `--trace on` does it where one fails.
    trace: 'off',
    screenshot: 'only-on-failure',
  },
  projects: [
    // First, because a newcomer's installation is empty.
    { name: 'newcomer', testMatch: 'journey.spec.ts' },
    { name: 'everyday', testIgnore: ['journey.spec.ts', 'aftermath.spec.ts'] },
    { name: 'afterwards', testMatch: 'aftermath.spec.ts' },
  ],
})
