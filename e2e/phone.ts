import { expect, type Locator, type Page } from 'playwright/test'

/** The phone page as a person uses it: by the names that are written on things. */
export class Phone {
  constructor(
    readonly page: Page,
    private readonly url: string,
  ) {}

  async open(): Promise<void> {
    await this.page.goto(this.url)
    await this.page.getByRole('button', { name: 'Open dashboard' }).waitFor()
  }

  async be(name: RegExp): Promise<void> {
    await this.page.getByRole('radio', { name }).click()
  }

  /** The user's chat with the bot. */
  get chat(): Locator {
    return this.page.getByRole('log', { name: 'Chat with Paydesk' })
  }

  async start(): Promise<void> {
    await this.page.getByRole('button', { name: 'Start', exact: true }).click()
  }

  async press(name: RegExp): Promise<void> {
    await this.chat.getByRole('button', { name }).last().click()
  }

  async write(name: string, text: string): Promise<void> {
    const box = this.page.getByRole('textbox', { name: `Message as ${name}` })
    await box.fill(text)
    await box.press('Enter')
  }

  /** Sends something else than text, chosen from the menu of attachments. */
  async attach(what: string): Promise<void> {
    await this.device.getByRole('button', { name: 'Attach' }).click()
    await this.page.getByRole('menuitem', { name: what, exact: true }).click()
  }

  /** Chooses from the menu of the chat, such as blocking the bot. */
  async choose(option: string): Promise<void> {
    await this.device.getByRole('button', { name: 'Chat options' }).click()
    await this.page.getByRole('menuitem', { name: option }).click()
  }

  private get device(): Locator {
    return this.page.getByRole('region', { name: /^Phone of/ })
  }

  /** Follows a link button, which opens a new page as it would on a phone. */
  async follow(name: RegExp): Promise<Page> {
    const opened = this.page.context().waitForEvent('page')
    await this.chat.getByRole('link', { name }).last().click()
    return opened
  }

  /** Again if need be: a message that comes just then puts its topic first, and the one below the pointer is another. */
  async openTopic(name: RegExp): Promise<Locator> {
    const entry = this.page.getByRole('navigation', { name: 'Topics' }).getByRole('button', { name })
    const open = this.page.getByRole('log', { name: /Messages in/ })
    await expect(async () => {
      await entry.click()
      await expect(open).toHaveAccessibleName(name, { timeout: 1_000 })
    }).toPass({ timeout: 15_000 })
    return open
  }

  async answer(text: string): Promise<void> {
    const box = this.page.getByRole('textbox', { name: 'Reply as Olivia' })
    await box.fill(text)
    await box.press('Enter')
  }
}
