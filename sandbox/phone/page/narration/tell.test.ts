import { expect, test } from 'vitest'
import type { WireEvent, WireSession } from '#sandbox/stripe/control-types.ts'
import type { CallRecord, MessageView, WorldEvent } from '#sandbox/telegram/control-types.ts'
import { type Cast, emptyNarration, type Happening, type Narration } from './narration.ts'
import { tell } from './tell.ts'

const ANN = 2_000_001
const BOB = 2_000_002
const OLIVIA = 1_000_001
const GROUP = -1_001
const names = new Map([
  [ANN, 'Ann'],
  [BOB, 'Bob'],
  [OLIVIA, 'Olivia'],
])
const cast: Cast = {
  botName: 'Paydesk',
  groupId: GROUP,
  nameOf: (id) => names.get(id) ?? 'Somebody',
  isPerson: (id) => names.has(id),
  knows: (id) => names.has(id),
}

let seq = 0

function wrote(authorId: number, text: string, place: Partial<MessageView> = {}, at = 1_000): Happening {
  seq += 1
  const message = {
    chatId: authorId,
    messageId: seq,
    author: { id: authorId, name: cast.nameOf(authorId), isBot: false, anonymous: false },
    service: null,
    text,
    wire: {},
    ...place,
  } as MessageView
  const event: WorldEvent = { seq, at, type: 'message', chatId: message.chatId, messageId: seq, fromBot: false }
  return { source: 'telegram', event, message }
}

function called(method: string, params: Record<string, unknown>, rest: Partial<CallRecord> = {}): Happening {
  seq += 1
  const call: CallRecord = { seq, at: 1_010, durationMs: 4, method, params, ...rest }
  return { source: 'telegram', event: { seq, at: call.at, type: 'call', call } }
}

function narrated(...happenings: Happening[]): Narration {
  return happenings.reduce((narration, happening) => tell(narration, happening, cast), emptyNarration)
}

/** The lines as a person reads them, without the marks that isolate names of another direction. */
function linesOf(narration: Narration): string[][] {
  const plain = (text: string) => text.replaceAll(/[\u2068\u2069]/g, '')
  return narration.stories.map((story) => [plain(story.title), ...story.steps.map((step) => plain(step.text))])
}

const topicOf = (personId: number, thread: number) =>
  called('createForumTopic', { chat_id: GROUP, name: `👤 x (${personId})` }, { result: { message_thread_id: thread } })

test('what follows from a message is told under it', () => {
  const narration = narrated(
    wrote(ANN, 'hello'),
    topicOf(ANN, 7),
    called('sendMessage', { chat_id: GROUP, message_thread_id: 7, text: '<b>Ann</b>' }, { result: { text: 'Ann' } }),
    called('pinChatMessage', { chat_id: GROUP, message_id: 8 }),
    called('sendMessage', { chat_id: ANN, text: '9 credits left' }),
  )
  expect(linesOf(narration)).toEqual([
    [
      'Ann wrote “hello”',
      `Topic created: “👤 x (${ANN})”`,
      'In the topic: “Ann”',
      'Card pinned on top',
      'Ann reads “9 credits left”',
    ],
  ])
  expect(narration.stories[0]?.tookMs).toBe(14)
})

test('two people who write at once keep their own stories', () => {
  const narration = narrated(
    wrote(ANN, 'one'),
    wrote(BOB, 'two'),
    topicOf(ANN, 7),
    topicOf(BOB, 8),
    called('copyMessage', { chat_id: GROUP, message_thread_id: 7, from_chat_id: ANN }),
    called('copyMessage', { chat_id: GROUP, message_thread_id: 8, from_chat_id: BOB }),
  )
  const [ann, bob] = linesOf(narration)
  expect(ann).toEqual(['Ann wrote “one”', `Topic created: “👤 x (${ANN})”`, 'Arrived in the topic'])
  expect(bob).toEqual(['Bob wrote “two”', `Topic created: “👤 x (${BOB})”`, 'Arrived in the topic'])
})

test('what is posted in General is not told as if it were in a topic', () => {
  const result = { text: 'Good morning' }
  const inTopic = { text: 'A card', message_thread_id: 7 }
  const narration = narrated(
    called('sendMessage', { chat_id: GROUP }, { result }),
    called('editMessageText', { chat_id: GROUP, message_id: 5 }, { result }),
    called('editMessageText', { chat_id: GROUP, message_id: 6 }, { result: inTopic }),
  )
  const lines = ['In General: “Good morning”', 'Brought up to date “Good morning”', 'Card brought up to date']
  expect(linesOf(narration)).toEqual([['Paydesk', ...lines]])
})

test('an answer in a topic names whom it is for and how it got there', () => {
  const narration = narrated(
    topicOf(ANN, 7),
    wrote(OLIVIA, 'sure', { chatId: GROUP, threadId: 7 }),
    called('copyMessage', { chat_id: ANN, from_chat_id: GROUP, message_id: 3 }),
    called('setMessageReaction', { chat_id: GROUP, message_id: 3, reaction: [{ type: 'emoji', emoji: '👍' }] }),
  )
  expect(linesOf(narration).at(-1)?.slice(0, 2)).toEqual(['Olivia answered Ann: “sure”', 'Arrived at Ann'])
  expect(linesOf(narration).flat()).toContain('Confirmed with 👍')
})

test('notes and commands of the team are not called answers', () => {
  const inTopic = { chatId: GROUP, threadId: 7 }
  const narration = narrated(topicOf(ANN, 7), wrote(OLIVIA, '// careful', inTopic), wrote(OLIVIA, '/q hi', inTopic))
  expect(linesOf(narration).slice(1)).toEqual([['Olivia left a note about Ann'], ['Olivia wrote “/q hi”']])
})

test('the parts of an album are one deed', () => {
  const part = { albumId: 'a', media: { kind: 'photo' } } as Partial<MessageView>
  expect(linesOf(narrated(wrote(ANN, '', part), wrote(ANN, '', part)))).toEqual([['Ann sent an album']])
})

test('a call long after a deed is no consequence of it', () => {
  const late = called('sendMessage', { chat_id: ANN, text: 'news' }, { at: 90_000 })
  expect(linesOf(narrated(wrote(ANN, 'hello'), late))).toEqual([
    ['Ann wrote “hello”'],
    ['Paydesk to Ann', 'Ann reads “news”'],
  ])
})

test('a tap is told by the words on the button', () => {
  const message = { chatId: ANN, buttons: [[{ text: '10 credits', callback_data: 'b1:10' }]] } as MessageView
  const event: WorldEvent = {
    seq: 900,
    at: 1_000,
    type: 'callback',
    callbackQueryId: 'q',
    chatId: ANN,
    messageId: 1,
    data: 'b1:10',
  }
  const narration = narrated(
    { source: 'telegram', event, message },
    called('answerCallbackQuery', { callback_query_id: 'q', text: 'Done' }),
  )
  expect(linesOf(narration)).toEqual([['Ann tapped “10 credits”', 'Button answered “Done”']])
})

test('failures are told with their reason, waiting with its seconds, lost answers as lost', () => {
  const blocked = { code: 403, description: 'Forbidden: bot was blocked by the user' }
  const narration = narrated(
    wrote(ANN, 'hello'),
    called('sendMessage', { chat_id: ANN }, { error: blocked }),
    called('sendMessage', { chat_id: ANN }, { error: { code: 429, description: 'x', retryAfterSeconds: 3 } }),
    called('sendMessage', { chat_id: ANN }, { fault: 'drop-after-accept', result: { text: 'x' } }),
  )
  const steps = narration.stories[0]?.steps.map(({ text, tone }) => [text, tone])
  expect(steps).toEqual([
    ['sendMessage failed: bot was blocked by the user', 'bad'],
    ['Telegram asks to wait 3 s before sendMessage', 'warning'],
    ['The answer to sendMessage got lost on the way', 'warning'],
  ])
})

test('polling, typing and looking through the Stars are not worth a line', () => {
  const quiet = [
    called('getUpdates', {}),
    called('sendChatAction', { chat_id: ANN }),
    called('getStarTransactions', {}),
  ]
  expect(narrated(...quiet).stories).toEqual([])
})

test('a long text or name is cut between characters, never inside of an emoji', () => {
  const [title = ''] = linesOf(narrated(wrote(ANN, '👨‍👩‍👧'.repeat(80))))[0] ?? []
  expect(title).toBe(`Ann wrote “${'👨‍👩‍👧'.repeat(47)}…”`)
})

test('the timeline keeps a bounded number of stories', () => {
  const many = Array.from({ length: 100 }, (_, index) => wrote(ANN, `message ${index}`))
  const { stories } = narrated(...many)
  expect(stories).toHaveLength(60)
  expect(stories.at(-1)?.title).toContain('message 99')
})

const session = { id: 'cs_1', object: 'checkout.session', amount_total: 1000, currency: 'usd', payment_intent: 'pi_1' }
const paidEvent = {
  id: 'evt_1',
  object: 'event',
  type: 'checkout.session.completed',
  data: { object: { ...session, payment_status: 'paid', metadata: { user: String(ANN) } } },
} as unknown as WireEvent

function delivered(copy: number, state: 'delivered' | 'failed' = 'delivered'): Happening {
  const delivery = {
    eventId: 'evt_1',
    eventType: 'checkout.session.completed',
    url: 'http://x',
    attempt: 1,
    copy,
    state,
    status: state === 'delivered' ? 200 : 500,
    error: null,
    startedAtMs: 2_005,
    durationMs: 8,
  }
  return { source: 'stripe', entry: { kind: 'delivery', atMs: 2_010, delivery } }
}

const event: Happening = { source: 'stripe', entry: { kind: 'event', atMs: 2_000, event: paidEvent } }

test('a payment is told with who paid and how Paydesk heard of it', () => {
  expect(linesOf(narrated(event, delivered(1), called('sendMessage', { chat_id: ANN, text: 'Thank you' })))).toEqual([
    ['Ann paid $10.00', 'Stripe told Paydesk: checkout.session.completed', 'Ann reads “Thank you”'],
  ])
})

test('a pay page is recognised by the pay link that was sent before', () => {
  const reply_markup = { inline_keyboard: [[{ text: 'Pay', url: 'http://x/checkout/tok-en' }]] }
  const object = { ...session, payment_status: 'paid', success_url: 'http://x/checkout/tok-en/success?s={ID}' }
  const paid = { ...paidEvent, data: { object } } as unknown as WireEvent
  const narration = narrated(called('sendMessage', { chat_id: BOB, text: 'Pay here', reply_markup }), {
    source: 'stripe',
    entry: { kind: 'event', atMs: 2_000, event: paid },
  })
  expect(linesOf(narration).at(-1)).toEqual(['Bob paid $10.00'])
})

test('news that come twice or fail stand out', () => {
  const [story] = narrated(event, delivered(1, 'failed'), delivered(2)).stories
  expect(story?.steps.map(({ tone }) => tone)).toEqual(['bad', 'warning'])
})

test('a renewal is told under the name of who subscribed', () => {
  const object = { ...session, payment_status: 'paid', subscription: 'sub_1', client_reference_id: String(ANN) }
  const subscribed = { ...paidEvent, data: { object } } as unknown as WireEvent
  const invoice = {
    id: 'in_2',
    object: 'invoice',
    amount_due: 900,
    currency: 'usd',
    billing_reason: 'subscription_cycle',
    parent: { subscription_details: { subscription: 'sub_1' } },
  }
  const renewed = { ...paidEvent, id: 'evt_2', type: 'invoice.paid', data: { object: invoice } } as unknown as WireEvent
  const narration = narrated(
    { source: 'stripe', entry: { kind: 'event', atMs: 2_000, event: subscribed } },
    { source: 'stripe', entry: { kind: 'event', atMs: 9_000, event: renewed } },
  )
  expect(linesOf(narration).at(-1)).toEqual(['The subscription of Ann renewed for $9.00'])
})

interface Asked {
  status?: number
  params?: unknown
  response?: unknown
  atMs?: number
}

function asked(request: string, { status = 200, params = {}, response = {}, atMs = 1_500 }: Asked): Happening {
  const [method = '', path = ''] = request.split(' ')
  seq += 1
  const rest = { durationMs: 3, idempotencyKey: null, replayed: false, params, response }
  return { source: 'stripe', entry: { kind: 'request', atMs, requestId: `req_${seq}`, method, path, status, ...rest } }
}

function happened(type: string, object: object, atMs = 2_000): Happening {
  seq += 1
  const wire = { id: `evt_${seq}`, object: 'event', type, data: { object } } as unknown as WireEvent
  return { source: 'stripe', entry: { kind: 'event', atMs, event: wire } }
}

const ORDER = '0193c1de-7b1c-7000-8000-000000000001'
/** Bob was sent a pay link, and Paydesk made the page behind it. */
const bobGoesToPay = [
  called('sendMessage', {
    chat_id: BOB,
    text: 'Pay here',
    reply_markup: { inline_keyboard: [[{ text: 'Pay', url: 'http://x/checkout/tok-en' }]] },
  }),
  asked('POST /v1/checkout/sessions', {
    response: {
      ...session,
      payment_intent: null,
      client_reference_id: ORDER,
      success_url: 'http://x/checkout/tok-en/success',
    },
  }),
]
const titlesOf = (narration: Narration) => linesOf(narration).map(([title]) => title)

test('the making of a pay page is told with its amount', () => {
  const made = asked('POST /v1/checkout/sessions', { response: { ...session, client_reference_id: String(ANN) } })
  expect(linesOf(narrated(made))).toEqual([['Ann goes to pay', 'Pay page made for $10.00']])
})

test('a card that is declined on the pay page is the card of who was sent there', () => {
  const intent = { id: 'pi_Of1Order', object: 'payment_intent', metadata: { order_id: ORDER, attempt: '1' } }
  const narration = narrated(...bobGoesToPay, happened('payment_intent.payment_failed', intent))
  expect(titlesOf(narration).at(-1)).toBe('The card of Bob was declined')
})

test('where nobody can be named, the title does without a name', () => {
  const intent = { id: 'pi_Of1Nobody', object: 'payment_intent', metadata: {} }
  const narration = narrated(
    happened('payment_intent.payment_failed', intent),
    asked('POST /v1/webhook_endpoints/we_1Abc', {}),
    asked('DELETE /v1/customers/cus_9Xyz', { atMs: 90_000 }),
  )
  expect(titlesOf(narration)).toEqual([
    'The card was declined',
    'Stripe was asked for webhook endpoints',
    'Somebody is forgotten at Stripe',
  ])
})

test('saving a card is not told as paying', () => {
  const page = { ...session, mode: 'setup', amount_total: null, metadata: { card_of_user: String(ANN) } }
  const narration = narrated(
    asked('POST /v1/checkout/sessions', { response: page }),
    happened('checkout.session.completed', { ...page, payment_status: 'no_payment_required' }),
  )
  expect(linesOf(narration)).toEqual([['Ann goes to save a card', 'Page for saving a card made'], ['Ann saved a card']])
})

test('what Stripe is asked for a customer is told under the name of the person', () => {
  const customer = { id: 'cus_4Ann', object: 'customer', metadata: { telegram_id: String(ANN) } }
  const intent = { id: 'pi_9Recharge', object: 'payment_intent', amount: 500, currency: 'usd', customer: 'cus_4Ann' }
  const later = [100_000, 200_000, 300_000] as const
  const narration = narrated(
    asked('POST /v1/customers', { response: customer }),
    asked('POST /v1/payment_intents', { response: intent, atMs: later[0] }),
    asked('POST /v1/payment_intents/pi_9Recharge/confirm', {
      response: { ...intent, status: 'succeeded' },
      atMs: later[0] + 10,
    }),
    asked('POST /v1/billing_portal/sessions', { params: { customer: 'cus_4Ann' }, atMs: later[1] }),
    asked('DELETE /v1/customers/cus_4Ann', { response: { id: 'cus_4Ann', deleted: true }, atMs: later[2] }),
  )
  expect(linesOf(narration)).toEqual([
    ['Ann becomes a customer at Stripe', 'Customer made'],
    ['The saved card of Ann is charged', 'Charge of $5.00 prepared', 'Charge of $5.00 went through'],
    ['Ann looks at cards and invoices', 'Billing page made'],
    ['Ann is forgotten at Stripe', 'Customer deleted, with every saved card'],
  ])
})

test('a refusal says what was refused, not at which address', () => {
  const error = { payment_intent: { id: 'pi_9Recharge', object: 'payment_intent', metadata: { user: String(ANN) } } }
  const refused = asked('POST /v1/payment_intents/pi_9Recharge/confirm', { status: 402, response: { error } })
  expect(linesOf(narrated(refused))).toEqual([
    ['The saved card of Ann is charged', 'Stripe refused to charge the saved card (402)'],
  ])
})

test('a page that is opened later learns from the sessions who is behind a payment', () => {
  const [sent] = bobGoesToPay
  if (!sent) throw new Error('the link is sent first')
  const paid = { ...session, success_url: 'http://x/checkout/tok-en/success' } as unknown as WireSession
  const refunded = happened('charge.refunded', {
    id: 'ch_1',
    payment_intent: 'pi_1',
    amount_refunded: 1000,
    currency: 'usd',
  })
  const told = refunded.source === 'stripe' ? { ...refunded, sessions: [paid] } : refunded
  expect(titlesOf(narrated(sent, told)).at(-1)).toBe('Bob got $10.00 back')
})

test('a payment in Stars is told as a story of its own', () => {
  const wire = { successful_payment: { total_amount: 50, currency: 'XTR' } } as unknown as MessageView['wire']
  const told = narrated(
    wrote(ANN, '', { service: 'successful_payment', wire }),
    called('refundStarPayment', { user_id: ANN }),
  )
  expect(linesOf(told)).toEqual([['Ann paid 50 Stars', 'Stars given back']])
})
