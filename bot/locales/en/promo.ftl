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
