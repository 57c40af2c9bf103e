notice-low-credits =
    💳 { $credits ->
        [0] You have no credits left.
        [one] You have one credit left.
       *[other] You have { $credits } credits left.
    }
notice-low-pass = ⏳ Your pass ends in { $left }. After that messages cost credits again.
notice-gift =
    🎁 You got { $credits } { $credits ->
        [one] credit
       *[other] credits
    }. You have { $balance } now.
notice-paid-credits =
    ✅ Paid. { $credits } { $credits ->
        [one] credit was
       *[other] credits were
    } added, you have { $balance } now.
notice-paid-time = ✅ Paid. Messages are free for { $left }.
