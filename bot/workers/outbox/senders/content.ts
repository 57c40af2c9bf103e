import type { Api } from 'grammy'
import type { MessageEntity } from 'grammy/types'
import { previewTrouble, renderTeaser, sendTeaserTo } from '#bot/features/unlock-teaser.ts'
import { classifyTelegramError } from '#bot/telegram/errors.ts'
import { LONGEST_CAPTION } from '#bot/telegram/relay-calls.ts'
import type { OutboxContext, Outcome } from '#bot/workers/outbox/context.ts'
import { raiseAlert } from '#core/alerts/raise-alert.ts'
import { contentFileAlert } from '#core/content/change-content.ts'
import type { ContentKind } from '#core/content/content-part.ts'
import { findContent, ownsContent, type WholeContent } from '#core/content/find-content.ts'
import type { ClaimedItem } from '#core/outbox/claim-items.ts'
import { enqueueNotice } from '#core/outbox/enqueue.ts'
import type { OutboxPayload } from '#core/outbox/outbox-item.ts'
import type { ContentPart } from '#prisma'

const nothing: Outcome = { status: 'sent', effects: {} }
const unreachable: Outcome = { status: 'refused', reason: 'The user has stopped the bot', quiet: true }
const unknownContent: Outcome = { status: 'refused', reason: 'There is no such content', quiet: false }

/** Brings somebody what they unlocked, so that it can be neither saved nor forwarded. */
export async function sendContent(
  context: OutboxContext,
  { userId }: ClaimedItem,
  { contentId }: OutboxPayload<'content'>,
): Promise<Outcome> {
  const person = userId === null ? undefined : await context.facts.freshPerson(userId)
  if (!person || person.isBlocked) return unreachable
  // The right may have been withdrawn since this was owed.
  if (!(await ownsContent(context.prisma, { contentId, userId: BigInt(person.userId) }))) return nothing
  const content = await findContent(context.prisma, { contentId })
  if (!content) return unknownContent
  try {
    await sendParts(context.apis.user, Number(person.userId), content)
  } catch (error) {
    const failure = classifyTelegramError(error)
    if (failure?.kind === 'file-gone' || failure?.kind === 'bad-request') {
      await tellGone(context, content, BigInt(person.userId), failure.reason)
      return { status: 'refused', reason: failure.reason, quiet: true }
    }
    if (failure?.kind === 'forbidden-kind') {
      await enqueueNotice(context.prisma, {
        userId: BigInt(person.userId),
        text: 'notice-content-not-taken',
        args: { title: content.title },
      })
      return { status: 'refused', reason: failure.reason, quiet: true }
    }
    throw error
  }
  return { status: 'sent', effects: { receipt: { userId: person.userId, messageId: null } } }
}

/** The buyer keeps the right, and learns so; the owner has to send the media again. */
async function tellGone({ prisma }: OutboxContext, { id, title }: WholeContent, userId: bigint, reason: string) {
  await prisma.$transaction(async (tx) => {
    await raiseAlert(tx, {
      key: contentFileAlert(id),
      severity: 'urgent',
      title: `“${title}” cannot be delivered`,
      detail: `Telegram refused its file (${reason}). Whoever unlocked it keeps the right. Open it with /content in General and replace the media; what is owed then goes out by itself.`,
    })
    await enqueueNotice(tx, { userId, text: 'notice-content-gone', args: { title } })
  })
}

async function sendParts(api: Api, chatId: number, { title, parts }: WholeContent): Promise<void> {
  const [first] = parts
  if (!first) throw new Error('This content has no media')
  // Some word about what it is, where the team wrote none.
  const hasCaption = parts.some(({ caption }) => caption !== null)
  const captionOf = (part: ContentPart) => {
    if (!hasCaption && part === first) return { caption: title }
    return part.caption === null || isTooLong(part) ? {} : { caption: part.caption, caption_entities: entitiesOf(part) }
  }
  if (parts.length === 1) await sendOne(api, chatId, first, captionOf(first))
  else {
    const media = parts.map((part) => ({ type: part.kind, media: part.fileId, ...captionOf(part) }))
    await api.sendMediaGroup(chatId, media as Parameters<Api['sendMediaGroup']>[1], { protect_content: true })
  }
  for (const part of parts.filter(isTooLong)) {
    await api.sendMessage(chatId, part.caption ?? '', { entities: entitiesOf(part), protect_content: true })
  }
}

/** Subscribers of Premium may write more under a picture than a bot: that comes as a message behind it. */
const isTooLong = ({ caption }: ContentPart) => (caption ?? '').length > LONGEST_CAPTION

function entitiesOf({ captionEntities }: ContentPart): MessageEntity[] | undefined {
  return (captionEntities ?? undefined) as MessageEntity[] | undefined
}

async function sendOne(api: Api, chatId: number, { kind, fileId }: ContentPart, caption: object): Promise<void> {
  const options = { protect_content: true, ...caption }
  const senders: Record<ContentKind, () => Promise<unknown>> = {
    photo: () => api.sendPhoto(chatId, fileId, options),
    video: () => api.sendVideo(chatId, fileId, options),
    animation: () => api.sendAnimation(chatId, fileId, options),
    audio: () => api.sendAudio(chatId, fileId, options),
    document: () => api.sendDocument(chatId, fileId, options),
    voice: () => api.sendVoice(chatId, fileId, options),
    video_note: () => api.sendVideoNote(chatId, fileId, { protect_content: true }),
  }
  if (!Object.hasOwn(senders, kind)) throw new Error(`A ${kind} is no content`)
  await senders[kind as ContentKind]()
}

/** Shows somebody what a content is and what it costs. */
export async function sendTeaser(
  context: OutboxContext,
  { userId }: ClaimedItem,
  { contentId, messageIds }: OutboxPayload<'teaser'>,
): Promise<Outcome> {
  const person = userId === null ? undefined : await context.facts.freshPerson(userId)
  if (!person || person.isBlocked) return unreachable
  const content = await findContent(context.prisma, { contentId })
  if (!content) return unknownContent
  const locale = person.languageCode ?? context.teamLocale
  const owned = await ownsContent(context.prisma, { contentId, userId: BigInt(person.userId) })
  const teaser = renderTeaser((key, args) => context.i18n.t(locale, key, args), content, {
    owned,
    rails: context.settings().rails,
  })
  const { messageId, previewGone } = await sendTeaserTo(context.apis.user, person.userId, teaser)
  if (previewGone) context.alert(previewTrouble(content))
  return {
    status: 'sent',
    effects: {
      answered: messageIds.map((id) => ({ messageId: id, userMessageId: messageId })),
      receipt: { userId: person.userId, messageId: null },
    },
  }
}
