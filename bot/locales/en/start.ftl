start-welcome =
    Hello { $name }. Write to us here: every message reaches a person, and the answer comes back in this chat.

    Messages cost credits. Tap Start to see what you can buy.
start-button = ▶️ Start
help-text = Just write: your message goes to the team and the answer comes back here.
help-talk = Talk
help-credits = Your credits
help-account = Your account and data
message-costs =
    Credits for a message: text { $text }, photo { $photo }, voice { $voice }, video { $video }, file { $document }.
    With a pass every message is free.
balance-credits = 💳 { $credits } { $credits ->
        [one] credit
       *[other] credits
    } { $bar }
balance-below-zero =
    💳 { $owed ->
        [one] One credit below zero; your next purchase makes up for it first.
       *[other] { $owed } credits below zero; your next purchase makes up for them first.
    }
balance-pass = ⏳ Pass: { $left } left, messages are free
login-link = This link signs you in to the dashboard. It works once, for two minutes.
login-button = Open the dashboard
