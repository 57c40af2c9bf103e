command-history = What came and what went
history-empty = Nothing has happened yet: no credits came and none went.
history-title = 📒 Your history
history-this-week = Credits this week: +{ $came } −{ $went }
history-this-month = Credits this month: +{ $came } −{ $went }
history-last-month = Credits last month: +{ $came } −{ $went }
history-older = Older ▶️
history-newer = ◀️ Newer
history-purchase = 🛒 { $reason }
history-bonus = Bonus with { $reason }
history-spend =
    { $count ->
        [one] Message
       *[other] { $count } messages
    }
history-gift = 🎁 { $reason }
history-adjustment = Correction: { $reason }
history-release = Given back: a message that could not be opened
history-expiry = Bonus credits ended
history-refund =
    { $sign ->
        [1] Refund undone
       *[other] Taken back after a refund
    }
history-dispute =
    { $sign ->
        [1] Freed after a bank's check
       *[other] Frozen while a bank checks a payment
    }
history-dispute_won = Freed: the bank found the payment good
history-promo = 🎟 Promo code { $reason }
history-loyalty = Loyalty bonus with { $reason }
history-referral =
    { $sign ->
        [1] 🎁 { $reason }
       *[other] Invitation: { $reason }
    }
history-unlock = 🔓 { $reason }
