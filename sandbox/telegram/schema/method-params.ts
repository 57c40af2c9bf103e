/**
 * The parameters of every method the stand-in plays: `name:type`, `!` where the method cannot do without.
 * `chat` is an id or an @username, `file` an upload, a file_id or an address; arrays and objects may come as JSON text.
 */
const target = 'chat_id!:chat message_thread_id:int direct_messages_topic_id:int'
const businessTarget = `${target} business_connection_id:string ephemeral_message_parameters:object`
const caption = 'caption:string parse_mode:string caption_entities:array'
const delivery = 'disable_notification:bool protect_content:bool allow_paid_broadcast:bool'
const reply =
  'suggested_post_parameters:object message_effect_id:string reply_parameters:object reply_markup:object reply_to_message_id:int'

export const methodParams: Record<string, string> = {
  getUpdates: 'offset:int limit:int timeout:int allowed_updates:array',
  setWebhook:
    'url!:string certificate:file ip_address:string max_connections:int allowed_updates:array drop_pending_updates:bool secret_token:string',
  deleteWebhook: 'drop_pending_updates:bool',
  getWebhookInfo: '',
  getMe: '',
  sendMessage: `${businessTarget} text!:string parse_mode:string entities:array link_preview_options:object ${delivery} ${reply}`,
  forwardMessage: `${target} from_chat_id!:chat video_start_timestamp:int message_effect_id:string suggested_post_parameters:object disable_notification:bool protect_content:bool message_id!:int`,
  forwardMessages: `${target} from_chat_id!:chat message_ids!:array disable_notification:bool protect_content:bool`,
  copyMessage: `${target} from_chat_id!:chat message_id!:int video_start_timestamp:int ${caption} show_caption_above_media:bool ${delivery} ${reply}`,
  copyMessages: `${target} from_chat_id!:chat message_ids!:array disable_notification:bool protect_content:bool remove_caption:bool`,
  sendPhoto: `${businessTarget} photo!:file ${caption} show_caption_above_media:bool has_spoiler:bool ${delivery} ${reply}`,
  sendAudio: `${businessTarget} audio!:file ${caption} duration:int performer:string title:string thumbnail:file ${delivery} ${reply}`,
  sendDocument: `${businessTarget} document!:file thumbnail:file ${caption} disable_content_type_detection:bool ${delivery} ${reply}`,
  sendVideo: `${businessTarget} video!:file duration:int width:int height:int thumbnail:file cover:file start_timestamp:int ${caption} show_caption_above_media:bool has_spoiler:bool supports_streaming:bool ${delivery} ${reply}`,
  sendAnimation: `${businessTarget} animation!:file duration:int width:int height:int thumbnail:file ${caption} show_caption_above_media:bool has_spoiler:bool ${delivery} ${reply}`,
  sendVoice: `${businessTarget} voice!:file ${caption} duration:int ${delivery} ${reply}`,
  sendVideoNote: `${businessTarget} video_note!:file duration:int length:int thumbnail:file ${delivery} ${reply}`,
  sendMediaGroup: `business_connection_id:string ${target} media!:array ${delivery} message_effect_id:string reply_parameters:object reply_to_message_id:int`,
  sendLocation: `${businessTarget} latitude!:float longitude!:float horizontal_accuracy:float live_period:int heading:int proximity_alert_radius:int ${delivery} ${reply}`,
  sendVenue: `${businessTarget} latitude!:float longitude!:float title!:string address!:string foursquare_id:string foursquare_type:string google_place_id:string google_place_type:string ${delivery} ${reply}`,
  sendContact: `${businessTarget} phone_number!:string first_name!:string last_name:string vcard:string ${delivery} ${reply}`,
  sendPoll: `business_connection_id:string chat_id!:chat message_thread_id:int question!:string question_parse_mode:string question_entities:array options!:array is_anonymous:bool type:string allows_multiple_answers:bool allows_revoting:bool shuffle_options:bool allow_adding_options:bool hide_results_until_closes:bool members_only:bool country_codes:array correct_option_ids:array explanation:string explanation_parse_mode:string explanation_entities:array explanation_media:object description:string description_parse_mode:string description_entities:array media:object open_period:int close_date:int is_closed:bool ${delivery} ${reply}`,
  sendDice: `business_connection_id:string ${target} emoji:string ${delivery} ${reply}`,
  sendSticker: `${businessTarget} sticker!:file emoji:string ${delivery} ${reply}`,
  sendChatAction: 'business_connection_id:string chat_id!:chat message_thread_id:int action!:string',
  setMessageReaction: 'chat_id!:chat message_id!:int reaction:array is_big:bool',
  getFile: 'file_id!:string',
  getUserProfilePhotos: 'user_id!:int offset:int limit:int',
  pinChatMessage: 'business_connection_id:string chat_id!:chat message_id!:int disable_notification:bool',
  unpinChatMessage: 'business_connection_id:string chat_id!:chat message_id:int',
  unpinAllChatMessages: 'chat_id!:chat',
  getChat: 'chat_id!:chat',
  getChatAdministrators: 'chat_id!:chat return_bots:bool',
  getChatMemberCount: 'chat_id!:chat',
  getChatMember: 'chat_id!:chat user_id!:int',
  leaveChat: 'chat_id!:chat',
  setChatTitle: 'chat_id!:chat title!:string',
  createForumTopic: 'chat_id!:chat name!:string icon_color:int icon_custom_emoji_id:string',
  editForumTopic: 'chat_id!:chat message_thread_id!:int name:string icon_custom_emoji_id:string',
  closeForumTopic: 'chat_id!:chat message_thread_id!:int',
  reopenForumTopic: 'chat_id!:chat message_thread_id!:int',
  deleteForumTopic: 'chat_id!:chat message_thread_id!:int',
  unpinAllForumTopicMessages: 'chat_id!:chat message_thread_id!:int',
  editGeneralForumTopic: 'chat_id!:chat name!:string',
  closeGeneralForumTopic: 'chat_id!:chat',
  reopenGeneralForumTopic: 'chat_id!:chat',
  hideGeneralForumTopic: 'chat_id!:chat',
  unhideGeneralForumTopic: 'chat_id!:chat',
  unpinAllGeneralForumTopicMessages: 'chat_id!:chat',
  getForumTopicIconStickers: '',
  answerCallbackQuery: 'callback_query_id!:string text:string show_alert:bool url:string cache_time:int',
  setMyCommands: 'commands!:array scope:object language_code:string',
  deleteMyCommands: 'scope:object language_code:string',
  getMyCommands: 'scope:object language_code:string',
  setMyName: 'name:string language_code:string',
  getMyName: 'language_code:string',
  setMyDescription: 'description:string language_code:string',
  getMyDescription: 'language_code:string',
  setMyShortDescription: 'short_description:string language_code:string',
  getMyShortDescription: 'language_code:string',
  setChatMenuButton: 'chat_id:chat menu_button:object',
  getChatMenuButton: 'chat_id:chat',
  editMessageText:
    'business_connection_id:string chat_id:chat message_id:int inline_message_id:string text:string parse_mode:string entities:array link_preview_options:object rich_message:object reply_markup:object',
  editMessageCaption: `business_connection_id:string chat_id:chat message_id:int inline_message_id:string ${caption} show_caption_above_media:bool reply_markup:object`,
  editMessageMedia:
    'business_connection_id:string chat_id:chat message_id:int inline_message_id:string media!:object reply_markup:object',
  editMessageReplyMarkup:
    'business_connection_id:string chat_id:chat message_id:int inline_message_id:string reply_markup:object',
  stopPoll: 'business_connection_id:string chat_id!:chat message_id!:int reply_markup:object',
  deleteMessage: 'chat_id!:chat message_id!:int',
  deleteMessages: 'chat_id!:chat message_ids!:array',
  sendInvoice: `${target} title!:string description!:string payload!:string provider_token:string currency!:string prices!:array max_tip_amount:int suggested_tip_amounts:array start_parameter:string provider_data:string photo_url:string photo_size:int photo_width:int photo_height:int need_name:bool need_phone_number:bool need_email:bool need_shipping_address:bool send_phone_number_to_provider:bool send_email_to_provider:bool is_flexible:bool suggested_post_parameters:object ${delivery} ${reply}`,
  createInvoiceLink:
    'business_connection_id:string title!:string description!:string payload!:string provider_token:string currency!:string prices!:array max_tip_amount:int suggested_tip_amounts:array provider_data:string photo_url:string photo_size:int photo_width:int photo_height:int need_name:bool need_phone_number:bool need_email:bool need_shipping_address:bool send_phone_number_to_provider:bool send_email_to_provider:bool is_flexible:bool subscription_period:int',
  answerPreCheckoutQuery: 'pre_checkout_query_id!:string ok!:bool error_message:string',
  refundStarPayment: 'user_id!:int telegram_payment_charge_id!:string',
  editUserStarSubscription: 'user_id!:int telegram_payment_charge_id!:string is_canceled!:bool',
  getStarTransactions: 'offset:int limit:int',
  getMyStarBalance: '',
}
