buy-paid-loyal =
    ✅ Paid, thank you. { $credits } credits{ $bonus ->
        [0] {""}
       *[other] , { $bonus } bonus credits
    } and { $loyalty } for your loyalty were added.
    You have { $balance } credits now.
notice-referral-referrer =
    🎁 Somebody you invited has made their first purchase. { $credits } { $credits ->
        [one] credit is
       *[other] credits are
    } yours, you have { $balance } now.
notice-referral-referred =
    🎁 { $credits } { $credits ->
        [one] credit
       *[other] credits
    } for having come by an invitation. You have { $balance } now.
notice-bonus-ending = ⏳ { $credits } bonus { $credits ->
        [one] credit ends
       *[other] credits end
    } on { DATETIME($until, month: "long", day: "numeric", hour: "numeric", minute: "2-digit", timeZoneName: "short") }. They are used first when you write.
notice-bonus-ended = { $credits } bonus { $credits ->
        [one] credit has
       *[other] credits have
    } ended. You have { $balance } { $balance ->
        [one] credit
       *[other] credits
    } now.
notice-gift-ending =
    🎁 You got { $credits } { $credits ->
        [one] credit
       *[other] credits
    }, to be used by { DATETIME($until, month: "long", day: "numeric") }. You have { $balance } now.
notice-adjusted =
    The team corrected your balance by −{ $credits } { $credits ->
        [one] credit
       *[other] credits
    }: { $reason }
    You have { $balance } now.
