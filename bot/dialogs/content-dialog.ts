import type { Conversation } from '@grammyjs/conversations'
import { InlineKeyboard } from 'grammy'
import type { BotContext, DialogContext } from '#bot/context.ts'
import { type Answer, answerOf, type Question } from '#bot/dialogs/content-questions.ts'
import { actorFor } from '#bot/features/actor.ts'
import { contentLink } from '#bot/features/content.ts'
import { exampleOf, leastPriceIn, priceText } from '#bot/features/lock.ts'
import { renderTeaser, sendTeaserTo } from '#bot/features/unlock-teaser.ts'
import { addContent, MAX_DESCRIPTION_LENGTH, MAX_TITLE_LENGTH } from '#core/content/add-content.ts'
import { changePreview, replaceMedia } from '#core/content/change-content.ts'
import type { ContentMedia } from '#core/content/content-part.ts'
import { findContent } from '#core/content/find-content.ts'
import { type ContentPrice, parsePrice } from '#core/content/parse-price.ts'

type Dialog = Conversation<BotContext, DialogContext>

interface Draft {
  media: ContentMedia[]
  title: string
  description: string | null
  price: ContentPrice
  previewFileId: string | null
}

/** Asks for media, title, description, price and preview, shows the teaser, and puts it on sale. */
export async function contentDialog(conversation: Dialog, ctx: DialogContext): Promise<void> {
  const draft = await askDraft(conversation, ctx)
  if (!draft) return void (await ctx.reply(ctx.t('dialog-cancelled')))
  await conversation.external((outer) => showTeaser(outer, draft))
  const price = await conversation.external((outer) => priceText(outer, draft.price))
  const publish: Question = {
    text: ctx.t('content-ask-publish', { price }),
    buttons: { publish: ctx.t('content-publish-button') },
  }
  const answer = await ask(conversation, ctx, publish, ({ pressed }) => (pressed === 'publish' ? 'publish' : null))
  if (answer.value === null) return void (await ctx.reply(ctx.t('dialog-cancelled')))
  const done = await conversation.external((outer) => publishContent(outer, draft, answer.askedId))
  await ctx.reply(done)
}

async function askDraft(conversation: Dialog, ctx: DialogContext): Promise<Draft | null> {
  const { value: media } = await askMedia(conversation, ctx)
  if (media === null) return null
  const { value: title } = await ask(conversation, ctx, { text: ctx.t('content-ask-title') }, ({ text }) =>
    text && text.length <= MAX_TITLE_LENGTH ? text : { wrong: ctx.t('content-bad-title', { most: MAX_TITLE_LENGTH }) },
  )
  if (title === null) return null
  const skip = { skip: ctx.t('content-skip-button') }
  const describe: Question = { text: ctx.t('content-ask-description'), buttons: skip }
  const { value: description } = await ask(conversation, ctx, describe, ({ pressed, text }) => {
    if (pressed === 'skip') return ''
    const isFine = text !== null && text.length <= MAX_DESCRIPTION_LENGTH
    return isFine ? text : { wrong: ctx.t('content-bad-description', { most: MAX_DESCRIPTION_LENGTH }) }
  })
  if (description === null) return null
  const price = await askPrice(conversation, ctx)
  if (price === null) return null
  const preview = await askPreview(conversation, ctx, skip)
  if (preview === null) return null
  return { media, title, description: description || null, price, previewFileId: preview || null }
}

async function askMedia(conversation: Dialog, ctx: DialogContext) {
  return ask(conversation, ctx, { text: ctx.t('content-ask-media') }, ({ media }) =>
    media.length > 0 ? media : { wrong: ctx.t('content-not-media') },
  )
}

async function askPrice(conversation: Dialog, ctx: DialogContext): Promise<ContentPrice | null> {
  const currency = await conversation.external((outer) => outer.services.config.currency)
  const example = exampleOf(currency)
  const { value } = await ask(conversation, ctx, { text: ctx.t('content-ask-price', { example }) }, ({ text }) => {
    const parsed = parsePrice(text ?? '', { currency })
    switch (parsed.status) {
      case 'price':
        return parsed.rest === '' ? parsed.price : { wrong: ctx.t('content-bad-price', { example }) }
      case 'unreadable':
        return { wrong: ctx.t('content-bad-price', { example }) }
      case 'wrong_currency':
        return { wrong: ctx.t('content-wrong-currency', { currency: currency.toUpperCase() }) }
      case 'out_of_bounds':
        return { wrong: ctx.t('content-price-bounds', { least: leastPriceIn(currency) }) }
    }
  })
  return value
}

/** The file id of a photo; empty for none, null when cancelled. */
async function askPreview(conversation: Dialog, ctx: DialogContext, buttons: Record<string, string>) {
  const question: Question = { text: ctx.t('content-ask-preview'), buttons }
  const { value } = await ask(conversation, ctx, question, ({ pressed, media: [first] }) => {
    if (pressed === 'skip') return ''
    return first?.kind === 'photo' ? first.fileId : { wrong: ctx.t('content-not-picture') }
  })
  return value
}

/** Takes another preview picture or other media for a content that is there. */
export async function contentMediaDialog(
  conversation: Dialog,
  ctx: DialogContext,
  what: 'preview' | 'media',
  contentId: number,
): Promise<void> {
  const none = { skip: ctx.t('content-no-preview-button') }
  const chosen =
    what === 'preview' ? await askPreview(conversation, ctx, none) : (await askMedia(conversation, ctx)).value
  if (chosen === null) return void (await ctx.reply(ctx.t('dialog-cancelled')))
  const done = await conversation.external(async (outer) => {
    const actor = await actorFor(outer, 'admin')
    if (!actor) return 'team-not-allowed'
    const { prisma } = outer.services.database
    if (!(await findContent(prisma, { contentId }))) return 'content-unknown'
    if (typeof chosen === 'string') {
      await changePreview(prisma, { contentId, previewFileId: chosen || null, actor })
      return 'content-preview-changed'
    }
    await replaceMedia(prisma, { contentId, media: chosen, actor })
    return 'content-media-changed'
  })
  await ctx.reply(ctx.t(done))
}

/** Asks until the answer is one, or cancelled (null). `askedId` is the message that asked last. */
async function ask<T>(
  conversation: Dialog,
  ctx: DialogContext,
  { text, buttons = {} }: Question,
  read: (answer: Answer) => T | { wrong: string } | null,
): Promise<{ value: T | null; askedId: number }> {
  const keyboard = new InlineKeyboard()
  for (const [name, label] of Object.entries(buttons)) keyboard.text(label, `d2:${name}`)
  keyboard.text(ctx.t('dialog-cancel'), 'd2:cancel')
  const { message_id: askedId } = await ctx.reply(text, { reply_markup: keyboard })
  for (;;) {
    const answer = await answerOf(conversation, askedId)
    if (answer.pressed === 'cancel') return { value: null, askedId }
    const value = read(answer)
    if (value === null) continue
    if (typeof value === 'object' && 'wrong' in value) await ctx.reply(value.wrong)
    else return { value, askedId }
  }
}

/** As everybody will see it, without its buttons, which work for users alone. */
async function showTeaser(outer: BotContext, draft: Draft): Promise<void> {
  const { title, description, previewFileId, media } = draft
  const parts = media.map(({ sizeBytes, ...part }) => ({
    ...part,
    sizeBytes: sizeBytes === null ? null : BigInt(sizeBytes),
  }))
  const shown = { id: 0, title, description, previewFileId, active: true, priceCredits: null, product: null, parts }
  const teaser = renderTeaser(outer.t, shown, { owned: false, rails: outer.services.settings.current.rails })
  await sendTeaserTo(outer.api, outer.chat?.id ?? 0, teaser)
}

async function publishContent(outer: BotContext, draft: Draft, askedId: number): Promise<string> {
  const actor = await actorFor(outer, 'admin')
  if (!actor) return outer.t('team-not-allowed')
  const { database, config } = outer.services
  const { content } = await addContent(database.prisma, {
    ...draft,
    currency: config.currency,
    ref: `content:${outer.chat?.id}:${askedId}`,
    actor,
  })
  const { id, title } = content
  return outer.t('content-published', { title, id: String(id), link: contentLink(outer, id) })
}
