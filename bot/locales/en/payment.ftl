payment-failed =
    💳 { $label } for { $price } could not be paid: { $reason ->
        [funds] the card has not enough money on it, or has reached its limit.
        [expired] the card has expired.
        [authentication] the bank could not make sure that it was you.
        [typed] something in the card's details was mistyped.
        [later] the bank could not be reached just then.
       *[declined] the bank declined it without saying why.
    } Nothing was charged.
payment-retry-button = 🔁 Try again
card-saved =
    💳 { $last4 ->
        [none] A way to pay was saved
       *[other] { $brand } ending in { $last4 } was saved
    } for your next purchases. /billing shows and removes it.
