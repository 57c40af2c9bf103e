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
notice-charge-released =
    Your message could not be shown to the team. { $credits ->
        [one] Its credit is
       *[other] Its { $credits } credits are
    } back with you: you have { $balance } now.
