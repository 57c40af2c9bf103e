stars-or-money = { $price } or { $stars }
stars-button = ⭐ { $stars } { $stars ->
        [one] Star
       *[other] Stars
    }
stars-monthly-button = Subscribe · ⭐ { $stars } { $stars ->
        [one] Star
       *[other] Stars
    } a month
stars-pay-button = Pay { $price }
stars-invoice = { $label }{ $bonus ->
        [0] {""}
        [one] {" "}and one bonus credit
       *[other] {" "}and { $bonus } bonus credits
    }
stars-order-closed = This offer is closed. Choose again with /buy
stars-refused-unknown = This invoice is not valid any more. Choose again with /buy
stars-refused-other = This invoice was made for somebody else. Choose your own with /buy
stars-refused-paid = This is paid already. Nothing more is due.
stars-refused-expired = This offer has ended. Choose again with /buy
stars-refused-price = The price has changed. Choose again with /buy
stars-refused-banned = You can't buy here any more. Nothing was charged.
stars-refused-closed = Stars are not taken at the moment. Nothing was charged.
stars-refused-trouble = We can't take this payment right now. Nothing was charged. Please try again in a minute.
stars-month-credits =
    ✅ { $label }: this month is paid. You got { $credits } { $credits ->
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
    } now. It renews on { DATETIME($until, timeZone: "UTC", year: "numeric", month: "short", day: "numeric") }; /stars stops it.
stars-month-access =
    ✅ { $label }: this month is paid. Your messages are free until { DATETIME($until, timeZone: "UTC", year: "numeric", month: "short", day: "numeric", hour: "numeric", minute: "2-digit", timeZoneName: "short") }.
    It renews by then; /stars stops it.
stars-renewal-failed = { $label } could not be renewed, because there were not enough Stars. What you have stays yours. You can take it again with /buy
stars-none = You have no subscription in Stars. /buy shows what there is.
stars-renews = ⭐ { $label } renews on { DATETIME($until, timeZone: "UTC", year: "numeric", month: "short", day: "numeric") }.
stars-ends = ⭐ { $label } ends on { DATETIME($until, timeZone: "UTC", year: "numeric", month: "short", day: "numeric") } and is not renewed. Until then nothing changes.
stars-may-renew = ⭐ { $label } may be renewed again. If you stopped it in Telegram's settings yourself, you can start it again there.
stars-stop-button = Stop renewing
stars-renew-button = Renew again
stars-over = This subscription has ended.
