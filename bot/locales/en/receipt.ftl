receipt-credits =
    { $bar } { $credits } { $credits ->
        [one] credit
       *[other] credits
    } left
receipt-pass = ⏳ Free for { $left } more
