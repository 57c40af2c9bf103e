import type { World } from '../world/world.ts'
import * as bot from './bot.ts'
import type { Call } from './call.ts'
import * as chats from './chats.ts'
import * as copy from './copy.ts'
import * as edit from './edit.ts'
import * as files from './files.ts'
import * as payments from './payments.ts'
import * as pins from './pins-and-reactions.ts'
import * as queries from './queries.ts'
import * as send from './send.ts'
import * as topics from './topics.ts'
import * as updates from './updates.ts'

export type Handler = (world: World, call: Call) => unknown

/** Every method the stand-in plays. The parameters are checked before by the schema of the same name. */
export const handlers: Record<string, Handler> = {
  getUpdates: updates.getUpdates,
  setWebhook: updates.setWebhook,
  deleteWebhook: updates.deleteWebhook,
  getWebhookInfo: updates.getWebhookInfo,

  sendMessage: send.sendMessage,
  sendPhoto: send.sendFile('photo'),
  sendVideo: send.sendFile('video'),
  sendAnimation: send.sendFile('animation'),
  sendVoice: send.sendFile('voice'),
  sendVideoNote: send.sendFile('video_note'),
  sendAudio: send.sendFile('audio'),
  sendDocument: send.sendFile('document'),
  sendSticker: send.sendFile('sticker'),
  sendMediaGroup: send.sendMediaGroup,
  sendLocation: send.sendLocation,
  sendVenue: send.sendVenue,
  sendContact: send.sendContact,
  sendPoll: send.sendPoll,
  sendDice: send.sendDice,
  sendChatAction: send.sendChatAction,

  copyMessage: copy.copyMessage,
  copyMessages: copy.copyMessages,
  forwardMessage: copy.forwardMessage,
  forwardMessages: copy.forwardMessages,

  editMessageText: edit.editMessageText,
  editMessageCaption: edit.editMessageCaption,
  editMessageMedia: edit.editMessageMedia,
  editMessageReplyMarkup: edit.editMessageReplyMarkup,
  stopPoll: edit.stopPoll,
  deleteMessage: edit.deleteMessage,
  deleteMessages: edit.deleteMessages,

  pinChatMessage: pins.pinChatMessage,
  unpinChatMessage: pins.unpinChatMessage,
  unpinAllChatMessages: pins.unpinAllChatMessages,
  unpinAllForumTopicMessages: pins.unpinAllForumTopicMessages,
  unpinAllGeneralForumTopicMessages: pins.unpinAllGeneralForumTopicMessages,
  setMessageReaction: pins.setMessageReaction,

  createForumTopic: topics.createForumTopic,
  editForumTopic: topics.editForumTopic,
  closeForumTopic: topics.closeForumTopic,
  reopenForumTopic: topics.reopenForumTopic,
  deleteForumTopic: topics.deleteForumTopic,
  editGeneralForumTopic: topics.editGeneralForumTopic,
  closeGeneralForumTopic: topics.closeGeneralForumTopic,
  reopenGeneralForumTopic: topics.reopenGeneralForumTopic,
  hideGeneralForumTopic: topics.setGeneralHidden(true),
  unhideGeneralForumTopic: topics.setGeneralHidden(false),
  getForumTopicIconStickers: topics.getForumTopicIconStickers,

  getChat: chats.getChat,
  getChatMember: chats.getChatMember,
  getChatAdministrators: chats.getChatAdministrators,
  getChatMemberCount: chats.getChatMemberCount,
  leaveChat: chats.leaveChat,
  setChatTitle: chats.setChatTitle,

  getMe: bot.getMe,
  setMyCommands: bot.setMyCommands,
  getMyCommands: bot.getMyCommands,
  deleteMyCommands: bot.deleteMyCommands,
  setMyName: bot.setProfile('name', 64),
  getMyName: bot.getProfile('name'),
  setMyDescription: bot.setProfile('description', 512),
  getMyDescription: bot.getProfile('description'),
  setMyShortDescription: bot.setProfile('short_description', 120),
  getMyShortDescription: bot.getProfile('short_description'),
  setChatMenuButton: bot.setChatMenuButton,
  getChatMenuButton: bot.getChatMenuButton,

  getFile: files.getFile,
  getUserProfilePhotos: files.getUserProfilePhotos,

  answerCallbackQuery: queries.answerCallbackQuery,
  answerPreCheckoutQuery: queries.answerPreCheckoutQuery,
  sendInvoice: payments.sendInvoice,
  createInvoiceLink: payments.createInvoiceLink,
  refundStarPayment: payments.refundStarPayment,
  editUserStarSubscription: payments.editUserStarSubscription,
  getStarTransactions: payments.getStarTransactions,
  getMyStarBalance: payments.getMyStarBalance,
}
