start-welcome =
    Hello { $name }. Write to us here: every message reaches a person, and the answer comes back in this chat.

    Messages cost credits. Tap Start to see what you can buy.
start-button = ▶️ Start
help-text =
    Just write: your message goes to the team and the answer comes back here.

    A text costs { $text }, a photo { $photo }, a voice message { $voice }, a video { $video }, a file { $document } credits. With a pass everything is free.

    /buy – credits and passes
    /balance – what you have left
    /purchases – what you unlocked and bought
    /history – what came and what went
    /redeem – use a promo code
    /invite – invite others
    /help – this text
balance-credits = 💳 { $credits } { $credits ->
        [one] credit
       *[other] credits
    } { $bar }
balance-pass = ⏳ Pass: { $left } left, messages are free
login-link = This link signs you in to the dashboard. It works once, for two minutes.
login-button = Open the dashboard
