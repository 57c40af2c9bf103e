recharge-choose =
    🔁 Auto-recharge buys credits by itself when you run low, so that no message has to wait.

    Which credits should it buy?
recharge-nothing = There are no credits on sale at the moment that could be bought by themselves.
recharge-threshold = { $label }, { $price }. Buy them as soon as a message leaves you with how many credits or fewer?
recharge-cap = What is the most that may be charged this way in a calendar month?
recharge-consent =
    🔁 Auto-recharge

    Whenever a message leaves you with { $threshold } credits or fewer, { $label }{ $bonus ->
        [0] {""}
       *[other] {" "}(+{ $bonus } bonus)
    } are bought for { $price }, without asking again, and paid with { $card ->
        [none] the card that you save next
       *[other] your { $card }
    }.

    At most { $cap } is charged this way in a calendar month (UTC).

    You can stop it at any moment with /autorecharge off, and see it with /autorecharge.
recharge-agree-button = ✅ I agree
recharge-back-button = ◀️ Back
recharge-settings-button = 🔁 Auto-recharge
recharge-on =
    🔁 Auto-recharge is on: { $label } for { $price }, as soon as a message leaves you with { $threshold } credits or fewer, with your { $card }.
    At most { $cap } in a calendar month; { $spent } so far.
recharge-done =
    🔁 Auto-recharge bought { $credits } { $credits ->
        [one] credit
       *[other] credits
    }{ $extra ->
        [0] {""}
       *[other] {" "}and { $extra } on top
    } for { $price } with the card you saved, as you had it set up.
    You have { $balance } { $balance ->
        [one] credit
       *[other] credits
    } now.
recharge-awaiting-card = 🔁 One step is left: save the card that will be charged. Nothing is charged now.
recharge-off = 🔁 Auto-recharge is off. Nothing is charged by itself.
recharge-suspended =
    🔁 Auto-recharge rests. { $reason ->
        [declined] Your card was declined too often. Save another card and it goes on.
        [card_gone] The card is not on file any more. Save one and it goes on.
        [price_changed] The price of what you chose has changed. Set it up again and it goes on.
        [product_gone] What you chose is not on sale any more. Choose something else and it goes on.
       *[other] The payment could not be made, and the team knows. Set it up again later.
    }
recharge-banned = You can't buy here any more. Nothing is charged.
recharge-start-button = Set it up
recharge-change-button = Change
recharge-card-button = 💳 Save a card
recharge-off-button = Turn off
recharge-pay-button = 💳 Pay { $price }
recharge-card-name = { $brand } ending in { $last4 }
recharge-card-saved = 💳 { $brand } ending in { $last4 } is saved. From now on credits are bought by themselves once you have { $threshold } or fewer.
recharge-card-saved-resting = 💳 { $brand } ending in { $last4 } is saved. Nothing is bought by itself yet: what you agreed to has changed. Set it up again with /autorecharge.
recharge-same-card = 💳 { $brand } ending in { $last4 } is the card that was declined before. Please save another one.
recharge-failed =
    💳 { $label } for { $price } could not be bought by itself: { $reason ->
        [funds] the card has not enough money on it.
        [expired] the card has expired.
        [authentication] your bank wants you to confirm this payment yourself.
       *[other] the bank declined the card.
    } Nothing was charged. You can pay here if you like.
recharge-suspended-declined = 🔁 Auto-recharge rests, because the card was declined several times in a row. It goes on when you save another card.
recharge-suspended-card-gone = 🔁 Auto-recharge rests, because the card is not on file any more. It goes on when you save one.
recharge-suspended-price-changed = 🔁 Auto-recharge rests, because the price of what you chose has changed. Nothing is charged before you agree to the new one.
recharge-suspended-product-gone = 🔁 Auto-recharge rests, because what you chose is not on sale any more.
recharge-suspended-refused = 🔁 Auto-recharge rests, because the payment could not be made. Nothing was charged, and the team has been told.
recharge-capped =
    🔁 You have reached your limit for this month, so nothing more is bought by itself until { DATETIME($until, timeZone: "UTC", year: "numeric", month: "short", day: "numeric") }.
recharge-off-dispute =
    🔕 Auto-recharge was turned off, because your bank is looking into one of your payments. Nothing more is charged by itself.
command-autorecharge = Buy credits by itself
