unlock-credits-button = 🔓 Unlock for { $cost } { $cost ->
        [one] credit
       *[other] credits
    }
unlock-money-button = 💳 Unlock for { $price }
unlock-again-button = ▶️ Send it to me
unlock-done = Unlocked. Here it comes.
unlock-owned = This is yours already. Tap the button and it comes again.
unlock-insufficient = “{ $title }” costs { $cost } { $cost ->
        [one] credit
       *[other] credits
    } and you have { $credits }. Nothing was charged.
unlock-price-changed = The price has changed. The buttons show the new one; nothing was charged.
unlock-unavailable = This is not on sale any more.
unlock-order =
    { $title }
    { $price }

    The link below is yours and stays valid for { $days } days. It comes to this chat as soon as it is paid.
unlock-sent-again = It is on its way.
unlock-not-owned = This isn't yours. Nothing was sent.
notice-unlocked =
    🔓 { $title }
    { $cost } { $cost ->
        [one] credit
       *[other] credits
    } spent, you have { $balance } now.
notice-content-paid = ✅ Paid, thank you. Here is { $title }.
notice-content-gone = “{ $title }” could not be sent just now. It stays yours, nothing more is charged, and the team knows. It comes as soon as that is mended; /purchases shows what is yours.
notice-content-not-taken = “{ $title }” could not be sent: your Telegram settings refuse this kind of message. It stays yours. Allow it in your privacy settings, then get it from /purchases.
purchases-content = Your content. Tap to get it again.
purchases-no-content = You have not unlocked anything yet.
purchases-payments =
    Your purchases

    { $lines }
purchases-no-payments = You have not bought anything yet.
purchases-line = { DATETIME($at, timeZone: "UTC", year: "numeric", month: "short", day: "numeric") } · { $label } · { $price } · { $state }
purchases-unnamed = Payment
purchases-state-granted = paid
purchases-state-checked = being checked
purchases-state-refunded = refunded
purchases-state-partly_refunded = partly refunded
purchases-older = Older ▶️
purchases-newest = ⏮ Newest
purchases-show-content = 🔓 Your content
purchases-show-payments = 🧾 Your purchases
content-list = Locked content. Tap one to change it.
content-list-empty = There is no locked content yet.
content-add-button = ➕ Add
content-item =
    { $sign } { $title } · c{ $id }
    { $price } · unlocked by { $owners }
    { $state ->
        [on] On sale: /lock c{ $id } in a topic offers it, and so does { $link }
       *[off] Not on sale; whoever has it keeps it.
    }
content-either-price = { $credits } or { $money }
content-credits = { $cost } { $cost ->
        [one] credit
       *[other] credits
    }
content-preview-button = 🖼 Change preview
content-media-button = 🔁 Replace media
content-off-button = Take off sale
content-on-button = Put on sale
content-back-button = ◀️ Back
content-in-general = Send /content in General. Here, /lock with a price locks a picture or video.
content-ask-media = Send the photo, video or file to lock, or an album of them.
content-not-media = A photo, video, audio or file, please, or an album of them.
content-ask-title = What is it called? Everybody sees the title.
content-bad-title = A title of at most { $most } characters, please.
content-ask-description = Describe it in a line or two. Everybody sees this too.
content-bad-description = At most { $most } characters, please.
content-ask-price = What does it cost? For example “50 credits”, “{ $example }”, or “50 credits or { $example }”.
content-bad-price = I can't read that price. Write it like “50 credits”, “{ $example }”, or both.
content-wrong-currency = Your shop takes { $currency } only. Write a price in { $currency } or in credits.
content-price-bounds = That price can't be charged. Cards take at least { $least }; credits are 1 to a million.
content-ask-preview = Send a picture that everybody may see, or skip it.
content-not-picture = A picture sent as a photo, please.
content-ask-publish = This is how it looks, with the price { $price } on its buttons. Put it on sale?
content-skip-button = Skip
content-no-preview-button = No picture
content-publish-button = Put on sale
content-published = 🔓 { $title } is on sale as c{ $id }. /lock c{ $id } in a topic offers it to that user, and so does { $link }
content-preview-changed = The preview has changed. Everybody who unlocked it keeps it.
content-media-changed = The media has changed. Everybody who unlocked it keeps it, and what could not be delivered goes out now.
content-unknown = There is no such content.
lock-usage = Reply to a picture, video or file with /lock and a price, such as <code>/lock 50</code> for credits or <code>/lock { $example }</code>, or send one with that as its caption. <code>/lock c12</code> offers the content c12.
lock-not-ours = Only what the team sent can be locked.
lock-album-unknown = That is part of an album I don't know whole. Send the album with /lock and the price as its caption.
lock-blocked = Not sent: the user has stopped the bot.
lock-done = 🔒 Sent locked: { $title } · { $price }. <code>/lock c{ $id }</code> offers it to others.
lock-done-taken-back = 🔒 Sent locked, and the open copy was deleted from the user's chat: { $title } · { $price }. <code>/lock c{ $id }</code> offers it to others.
lock-done-still-shown = 🔒 Sent locked: { $title } · { $price }. The open copy could not be deleted from the user's chat.
lock-off-sale = That content is not on sale. Put it on sale with /content in General.
command-purchases = What you unlocked and bought
command-content = Locked content and its prices
command-lock = Send media locked, for a price
