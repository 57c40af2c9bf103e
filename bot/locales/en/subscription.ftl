command-subscription = What you subscribed to
sub-begun-credits =
    ✅ { $label } has begun, thank you. You got { $credits } { $credits ->
        [one] credit
       *[other] credits
    }{ $bonus ->
        [0] {""}
        [one] {" "}and one bonus credit
       *[other] {" "}and { $bonus } bonus credits
    }; you have { $balance } now. It renews on { DATETIME($until, timeZone: "UTC", year: "numeric", month: "short", day: "numeric") }.
sub-begun-access =
    ✅ { $label } has begun, thank you. Your messages are free until { DATETIME($until, timeZone: "UTC", year: "numeric", month: "short", day: "numeric") }, and it renews then.
sub-renewed-credits =
    🔁 { $label } was renewed. You got { $credits } { $credits ->
        [one] credit
       *[other] credits
    }{ $bonus ->
        [0] {""}
        [one] {" "}and one bonus credit
       *[other] {" "}and { $bonus } bonus credits
    }; you have { $balance } now. Next: { DATETIME($until, timeZone: "UTC", year: "numeric", month: "short", day: "numeric") }.
sub-renewed-access =
    🔁 { $label } was renewed. Your messages stay free until { DATETIME($until, timeZone: "UTC", year: "numeric", month: "short", day: "numeric") }.
sub-failed =
    ⚠️ { $price } for { $label } could not be charged. { $next ->
        [0] It is not tried again by itself.
       *[other] It is tried again on { DATETIME($next, timeZone: "UTC", year: "numeric", month: "short", day: "numeric") }.
    } You can give another card.
sub-ended = { $label } has ended. You can come back at any time.
sub-ended-unpaid = { $label } has ended, because it could not be charged. You can begin anew at any time.
sub-manage-button = 🔁 My subscription
sub-none = You have no subscription.
sub-shop-button = 🛒 See what there is
sub-choose = Which one?
sub-running = 🔁 { $label }, { $price }. It renews on { DATETIME($until, timeZone: "UTC", year: "numeric", month: "short", day: "numeric") }.
sub-ending = { $label } ends on { DATETIME($until, timeZone: "UTC", year: "numeric", month: "short", day: "numeric") }. Until then everything stays, and nothing more is charged.
sub-owing = ⚠️ { $label }: { $price } could not be charged. Give another card, and it goes on.
sub-in-stars = 🔁 { $label }, { $price }, paid until { DATETIME($until, timeZone: "UTC", year: "numeric", month: "short", day: "numeric") }. /stars ends it or keeps it.
sub-is-over = { $label } has ended.
sub-cancel-button = Cancel
sub-cancel-ask = End { $label }? What is paid stays yours until { DATETIME($until, timeZone: "UTC", year: "numeric", month: "short", day: "numeric") }.
sub-cancel-yes-button = Yes, end it then
sub-back-button = ◀️ Back
sub-resume-button = Keep it
sub-plans-button = Change plan
sub-plans = From { DATETIME($until, timeZone: "UTC", year: "numeric", month: "short", day: "numeric") } on, instead of { $label }:
sub-plan = { $price } · { $label }
sub-billing-button = 💳 Card and bills
sub-unavailable = The payment service does not answer. Nothing was changed; please try again in a moment.
sub-refused = That is not possible right now. Nothing was changed.
