relay-insufficient = Not sent yet: this costs { $cost } { $cost ->
        [one] credit
       *[other] credits
    } and you have { $credits }. Nothing was charged. It goes out by itself once you have enough, within { $hours } hours.
relay-banned = You can't write here any more. Nothing was charged.
relay-unsupported = This kind of message can't be passed on. Nothing was charged.
answer-unknown-command = Not sent to the user: that looks like a command I don't know. Start with // for a note.
answer-not-allowed = Not sent: your role can read, but not answer.
answer-no-conversation = Not sent: this topic belongs to no user.
answer-blocked = Not sent: the user has stopped the bot. You can answer again when they come back.
team-not-allowed = Your role doesn't allow this.
info-tier = Tier: { $tier }
info-credits = { $credits } { $credits ->
        [one] credit
       *[other] credits
    }
info-pass = Pass: { $left } left
info-banned = 🚫 banned
gift-how-many = How many credits for { $name }? Tap or type a number within { $within } minutes; what you write later goes to the user.
gift-why = { $credits } { $credits ->
        [one] credit
       *[other] credits
    } for { $name }. Why? Type a reason; it is kept in the history.
gift-no-reason = No reason
gift-not-a-number = A whole number from 1 to { $most }, please.
gift-given = 🎁 { $name } got { $credits } { $credits ->
        [one] credit
       *[other] credits
    }.
note-ask = Write the note within { $within } minutes. Only the team sees it; what you write later goes to the user.
note-how = Write the note behind it, like this: /note prefers tea. Or begin any message with //
notes-none = No notes yet.
notes-add = Add a note
ban-ask = Ban { $name }? Their messages no longer arrive and cost nothing.
ban-button = 🚫 Ban
ban-done = 🚫 Banned by { $name }.
unban-ask = Let { $name } write again?
unban-button = Unban
unban-done = Unbanned by { $name }.
close-done = Closed. A new message opens it again.
