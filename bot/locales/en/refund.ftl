refund-made =
    ↩️ { $money } of your payment for { $label } went back to you. It can take some days until your bank shows it.{ $credits ->
        [0] {""}
        [one] {" "}One credit came off your balance.
       *[other] {" "}{ $credits } credits came off your balance.
    }{ $seconds ->
        [0] {""}
       *[other] {" "}The pass ends earlier.
    }
    { $owed ->
        [0] You have { $balance } { $balance ->
            [one] credit
           *[other] credits
        } now.
        [one] You are one credit below zero; your next purchase makes up for it first.
       *[other] You are { $owed } credits below zero; your next purchase makes up for them first.
    }
refund-by-bank =
    ↩️ Your bank took back { $money } that you paid for { $label }.{ $credits ->
        [0] {""}
        [one] {" "}One credit came off your balance.
       *[other] {" "}{ $credits } credits came off your balance.
    }{ $seconds ->
        [0] {""}
       *[other] {" "}The pass ends earlier.
    }
    { $owed ->
        [0] You have { $balance } { $balance ->
            [one] credit
           *[other] credits
        } now.
        [one] You are one credit below zero; your next purchase makes up for it first.
       *[other] You are { $owed } credits below zero; your next purchase makes up for them first.
    }
refund-undone =
    The refund for { $label } did not reach you, so what it took is yours again.{ $credits ->
        [0] {""}
        [one] {" "}One credit came back.
       *[other] {" "}{ $credits } credits came back.
    }{ $seconds ->
        [0] {""}
       *[other] {" "}The pass goes on longer.
    }
    You have { $balance } { $balance ->
        [one] credit
       *[other] credits
    } now.
dispute-frozen =
    ⏸ Your bank is looking into your payment for { $label }.{ $credits ->
        [0] {""}
        [one] {" "}One credit of it is set aside until it has decided.
       *[other] {" "}{ $credits } credits of it are set aside until it has decided.
    }{ $seconds ->
        [0] {""}
       *[other] {" "}The pass is paused until it has decided.
    }
dispute-freed =
    ▶️ Your bank found your payment for { $label } to be fine.{ $credits ->
        [0] {""}
        [one] {" "}One credit is yours again.
       *[other] {" "}{ $credits } credits are yours again.
    }{ $seconds ->
        [0] {""}
       *[other] {" "}The pass goes on.
    }
