import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { signIn } from '#core/team/sign-in.ts'
import type { MessageView } from '#sandbox/telegram/control-types.ts'
import { type BotStage, startBotStage } from '#testing/bot-stage.ts'
import { giveMoneyBack, grantPayment } from '#testing/payments/granted-payment.ts'

let stage: BotStage
beforeAll(async () => {
  stage = await startBotStage({ hasProducts: true })
})
afterAll(() => stage.close())

/** Writes and waits for the one thing that the bot says to it. */
async function ask(userId: number, text: string): Promise<MessageView> {
  const before = stage.saidTo(userId).length
  stage.world.sendText({ userId, text })
  return stage.world.waitFor(() => stage.saidTo(userId)[before])
}

const labels = (message: MessageView) => (message.buttons ?? []).flat().map((button) => button.text)

describe('/start', () => {
  test('welcomes by name, keeps the person with an empty account, and its button opens the products', async () => {
    const { id } = stage.world.createUser({ firstName: 'Zoë <b>', languageCode: 'de' })
    const welcome = await ask(id, '/start')
    expect(welcome.text).toContain('Hello Zoë <b>')
    expect(labels(welcome)).toEqual(['▶️ Start'])
    const user = await stage.prisma.user.findUniqueOrThrow({ where: { id: BigInt(id) }, include: { account: true } })
    expect(user).toMatchObject({ firstName: 'Zoë <b>', languageCode: 'de', account: { paid: 0, bonus: 0 } })
    await stage.tap(welcome, id, { label: '▶️ Start' })
    const list = await stage.world.waitForMessage({ chatId: id, text: 'Choose what you would like' })
    expect(list.messageId).toBe(welcome.messageId)
    expect(labels(list)).toHaveLength(9)
  })

  test('keeps where a person first came from, whatever link they open later', async () => {
    const { id } = stage.world.createUser()
    await ask(id, '/start spring-ad')
    await ask(id, '/start other-ad')
    expect(await stage.prisma.user.findUniqueOrThrow({ where: { id: BigInt(id) } })).toMatchObject({
      source: 'spring-ad',
    })
  })

  test('is neither charged nor passed on', async () => {
    const { id } = await stage.newUser()
    await ask(id, '/start')
    await stage.settle()
    expect(await stage.spendings(id)).toEqual([])
    expect(await stage.messagesOf(id)).toEqual([])
  })
})

test('/help says what messages cost now, and lists every command that is suggested to the reader', async () => {
  const { id } = await stage.newUser()
  const { text = '' } = await ask(id, '/help')
  expect(text).toContain(
    'Credits for a message: text 1, photo 3, voice 5, video 5, file 3.\nWith a pass every message is free.',
  )
  const suggested = await stage.world.waitFor(() => {
    const commands = stage.world.listCommands({ userId: id })
    return commands.length > 0 ? commands : undefined
  })
  const listed = suggested.filter(({ command }) => !/^buy\d/.test(command))
  expect(listed.length).toBeGreaterThan(10)
  for (const { command, description } of listed) expect(text).toContain(`\n/${command} – ${description}`)
  expect(text).toMatch(/\nTalk\n\/start .*\nYour credits\n\/buy .*\nYour account and data\n\/purchases /s)
})

describe('/balance', () => {
  test('shows the credits with a bar of what came in last, and where to get more', async () => {
    const user = await stage.newUser({ credits: 60, bonus: 40 })
    expect((await ask(user.id, '/balance')).text).toBe('💳 100 credits ▰▰▰▰▰▰▰▰▰▰')
    stage.world.sendMedia({ userId: user.id, kind: 'voice' })
    stage.world.sendMedia({ userId: user.id, kind: 'voice' })
    await stage.settle()
    const answer = await ask(user.id, '/balance')
    expect(answer.text).toBe('💳 90 credits ▰▰▰▰▰▰▰▰▰▱')
    expect(labels(answer)).toHaveLength(8)
  })

  test('below zero, after a refund of what was spent, says what a purchase does about it', async () => {
    const user = await stage.newUser({ credits: 0 })
    const product = { label: 'Five credits', amount: 5, bonus: 0 }
    const { paymentId } = await grantPayment(stage.prisma, { userId: BigInt(user.id), product })
    await stage.prisma.product.updateMany({ where: { label: product.label }, data: { active: false } })
    stage.world.sendMedia({ userId: user.id, kind: 'voice' })
    await stage.settle()
    await giveMoneyBack(stage.prisma, { paymentId, refundedMinor: 500 })
    await stage.settle()
    expect((await ask(user.id, '/balance')).text).toBe(
      '💳 5 credits below zero; your next purchase makes up for them first.',
    )
  })

  test('shows how long a pass lasts', async () => {
    const user = await stage.newUser({ credits: 1, passSeconds: 2 * 86_400 + 3.5 * 3_600 })
    expect((await ask(user.id, '/balance')).text).toMatch(/^💳 1 credit ▰{10}\n⏳ Pass: 2d 3h left, messages are free$/)
  })

  test('of somebody the bot has never seen is nothing', async () => {
    const { id } = stage.world.createUser()
    expect((await ask(id, '/balance')).text).toBe('💳 0 credits ▱▱▱▱▱▱▱▱▱▱')
  })
})

test.each(['/nonsense', '/Start7', '/admin', '/login'])(
  '%s of a user is an unknown command: answered, not charged, not passed on',
  async (command) => {
    const { id } = await stage.newUser()
    expect((await ask(id, command)).text).toBe("I don't know that command. /help lists what I can do.")
    await stage.settle()
    expect(await stage.spendings(id)).toEqual([])
    expect(await stage.messagesOf(id)).toEqual([])
  },
)

describe('/login', () => {
  const linkOf = (message: MessageView) => (message.buttons ?? []).flat().find(({ url }) => url)?.url ?? ''

  test.each(['viewer', 'owner'] as const)('gives a team member (%s) a link that signs in once', async (role) => {
    const member = await stage.newMember(role)
    const link = new URL(linkOf(await ask(member.id, '/login')))
    expect(`${link.origin}${link.pathname}`).toBe(`${stage.publicUrl}/login`)
    const secret = link.searchParams.get('token') ?? ''
    const use = () => signIn(stage.prisma, { secret, userAgent: null, now: new Date() })
    const outcomes = await Promise.all([use(), use(), use()])
    expect(outcomes.map(({ status }) => status).sort()).toEqual(['refused', 'refused', 'signed-in'])
  })

  test('is what the sign-in page’s link says for whoever opens it; a stranger is welcomed', async () => {
    const member = await stage.newMember('agent')
    expect(linkOf(await ask(member.id, '/start login'))).toContain('/login?token=')
    expect((await ask(stage.world.createUser().id, '/start login')).text).toContain('Hello')
  })

  test('gives nothing to a member who was disabled', async () => {
    const member = await stage.newMember('admin')
    await stage.prisma.teamMember.update({ where: { id: BigInt(member.id) }, data: { disabledAt: new Date() } })
    expect((await ask(member.id, '/login')).text).toContain("I don't know that command")
    expect(await stage.prisma.loginToken.count({ where: { memberId: BigInt(member.id) } })).toBe(0)
  })
})

test('commands are suggested where they work: to users, to the team in private, and in the group', async () => {
  const { id } = await stage.newUser()
  const names = (userId: number, chatId?: number) =>
    stage.world.listCommands({ userId, ...(chatId ? { chatId } : {}) }).map(({ command }) => command)
  await stage.world.waitFor(() => names(stage.owner.id)[0] === 'login')
  const forUsers = names(id)
  expect(forUsers).toEqual(expect.arrayContaining(['start', 'buy', 'balance', 'history', 'redeem', 'invite', 'help']))
  expect(forUsers.slice(-5)).toEqual(['buy10', 'buy25', 'buy50', 'buy100', 'buy500'])
  expect(names(stage.owner.id)).toEqual(['login', ...forUsers])
  const forTheTeam = names(stage.owner.id, stage.groupId)
  expect(forTheTeam).toEqual(expect.arrayContaining(['note', 'promo', 'tier', 'take']))
  expect(forTheTeam.filter((command) => ['login', ...forUsers].includes(command))).toEqual([])
})

test('commands are suggested to the team also when Telegram does not know its group', async () => {
  const description = 'Bad Request: chat not found'
  stage.world.addFault({ kind: '400', method: 'setMyCommands', skip: 1, description })
  const before = stage.world.calls({ method: 'setMyCommands' }).length
  await stage.restart()
  const scopes = stage.world.calls({ method: 'setMyCommands' }).slice(before)
  expect(scopes.map(({ params }) => params.scope)).toContainEqual({ type: 'chat', chat_id: stage.owner.id })
})
