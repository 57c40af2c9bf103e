kind-text = Text
kind-photo = Photo
kind-video = Video
kind-animation = GIF
kind-voice = Voice
kind-video_note = Video note
kind-audio = Audio
kind-document = File
kind-sticker = Sticker
kind-location = Location
kind-venue = Place
kind-contact = Contact
kind-poll = Poll
kind-dice = Dice
tier-new = New
tier-regular = Regular
tier-vip = VIP
topic-info = ℹ️ Info
topic-gift = 🎁 Gift
topic-ban = 🚫 Ban
topic-unban = Unban
topic-notes = 📝 Notes
topic-close = ✅ Close
card-credits =
    💳 { $credits } { $credits ->
        [one] credit
       *[other] credits
    }
card-pass = ⏳ { $left } left
card-spent = 💰 Spent { $spent }
card-nothing-spent = 💰 Nothing spent yet
card-since = since { $date }
card-source = 🔗 From { $source }
card-more-notes = 📝 { $count } more
card-banned = 🚫 Banned
card-blocked = 💤 Has stopped the bot
card-forgotten = 🗑 Asked to be forgotten
reply-failed-blocked = ❌ Not delivered: the user has stopped the bot. You can answer again when they come back.
reply-failed-deactivated = ❌ Not delivered: this account no longer exists. You can close the conversation.
reply-failed-chat-gone = ❌ Not delivered: Telegram does not know this chat. The user has to open the bot again.
reply-failed-voice = ❌ Not delivered: the user does not take voice and video messages. Send it as text or as a file.
reply-failed-protected = ❌ Not delivered: this message is protected from copying. Send its content yourself.
reply-failed-uncopyable = ❌ Not delivered: Telegram does not let bots pass this kind of message on. Send it as text, photo or file.
reply-failed-restricted = ❌ Not delivered: the user does not take this kind of message. Send it as text.
reply-failed-message-gone = ❌ Not delivered: this message was deleted before it could be sent. Write it again.
reply-failed-other = ❌ Not delivered: Telegram refused it ({ $reason }). Send it in another form.
reply-failed-unanswered = ❌ Perhaps not delivered: Telegram did not answer, however often it was tried ({ $reason }). Ask the user before you send it again.
