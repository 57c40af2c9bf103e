refund-made =
    ↩️ { $money } of your payment for { $label } went back to you. It can take some days until your bank shows it.{ $credits ->
        [0] {""}
       *[other] {" "}{ $credits } credits were taken back.
    }{ $owed ->
        [0] {""}
       *[other] {" "}{ $owed } of them were spent already; your next purchase settles them.
    }{ $seconds ->
        [0] {""}
       *[other] {" "}The pass ends earlier.
    }
    You have { $balance } credits now.
refund-by-bank =
    ↩️ Your bank took back { $money } that you paid for { $label }.{ $credits ->
        [0] {""}
       *[other] {" "}{ $credits } credits were taken back.
    }{ $owed ->
        [0] {""}
       *[other] {" "}{ $owed } of them were spent already; your next purchase settles them.
    }{ $seconds ->
        [0] {""}
       *[other] {" "}The pass ends earlier.
    }
    You have { $balance } credits now.
refund-undone =
    The refund for { $label } did not reach you, so what it took is yours again.{ $credits ->
        [0] {""}
       *[other] {" "}{ $credits } credits came back.
    }{ $seconds ->
        [0] {""}
       *[other] {" "}The pass goes on longer.
    }
    You have { $balance } credits now.
dispute-frozen =
    ⏸ Your bank is looking into your payment for { $label }.{ $credits ->
        [0] {""}
       *[other] {" "}{ $credits } credits of it are set aside until it has decided.
    }{ $seconds ->
        [0] {""}
       *[other] {" "}The pass is paused until it has decided.
    }
dispute-freed =
    ▶️ Your bank found your payment for { $label } to be fine.{ $credits ->
        [0] {""}
       *[other] {" "}{ $credits } credits are yours again.
    }{ $seconds ->
        [0] {""}
       *[other] {" "}The pass goes on.
    }
