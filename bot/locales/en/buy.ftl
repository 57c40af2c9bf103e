buy-list = Choose what you would like.
buy-nothing = Nothing is on sale at the moment.
buy-product = { $price } · { $label }{ $bonus ->
        [0] {""}
       *[other] {" "}+{ $bonus } free
    }
buy-order =
    { $label }{ $bonus ->
        [0] {""}
        [one] {" "}and one bonus credit
       *[other] {" "}and { $bonus } bonus credits
    }
    { $price }

    The link below is yours and stays valid for { $days } days.
buy-order-monthly =
    { $label }{ $bonus ->
        [0] {""}
        [one] {" "}and one bonus credit
       *[other] {" "}and { $bonus } bonus credits
    }
    { $price } a month. Renews by itself; /subscription ends it at any time.

    The link below is yours and stays valid for { $days } days.
buy-subscriptions = These renew each month, until you end them with /subscription.
buy-subscribe-button = Subscribe · { $price } a month
buy-pay-button = 💳 Pay { $price }
buy-close-button = ✖️ Close
buy-closed = Closed. /buy opens it again.
buy-back-button = ◀️ Back
buy-stale = That is not on sale any more. Here is what there is now.
buy-banned = You can't buy here any more. Nothing was charged.
buy-unknown-number = There is nothing to buy with that number. These exist: { $commands }
buy-quick-command = { $label } for { $price }
buy-paid-credits =
    ✅ Paid, thank you. You got { $credits } { $credits ->
        [one] credit
       *[other] credits
    }{ $bonus ->
        [0] {""}
        [one] {" "}and one bonus credit
       *[other] {" "}and { $bonus } bonus credits
    }.
    You have { $balance } { $balance ->
        [one] credit
       *[other] credits
    } now.
buy-paid-pass =
    ✅ Paid, thank you. { $label }: your messages are free until { DATETIME($until, timeZone: "UTC", year: "numeric", month: "short", day: "numeric", hour: "numeric", minute: "2-digit", timeZoneName: "short") }.{ $bonus ->
        [0] {""}
        [one] {" "}One bonus credit was added.
       *[other] {" "}{ $bonus } bonus credits were added.
    }
