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
