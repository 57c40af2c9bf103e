notice-low-credits =
    💳 { $credits ->
        [0] You have no credits left.
        [one] You have one credit left.
       *[other] You have { $credits } credits left.
    }
notice-pass-ending = ⏳ Your pass ends in { $minutes ->
        [one] one minute
       *[other] { $minutes } minutes
    }. After that messages cost credits again.
notice-gift =
    🎁 You got { $credits } { $credits ->
        [one] credit
       *[other] credits
    }. You have { $balance } now.
