buy-paid-loyal =
    ✅ Paid, thank you. You got { $credits } { $credits ->
        [one] credit
       *[other] credits
    }{ $bonus ->
        [0] {""}
        [one] , one bonus credit
       *[other] , { $bonus } bonus credits
    } and { $loyalty } for your loyalty.
    You have { $balance } { $balance ->
        [one] credit
       *[other] credits
    } now.
notice-referral-referrer =
    🎁 Somebody you invited has made their first purchase. { $credits } { $credits ->
        [one] credit is
       *[other] credits are
    } yours, you have { $balance } now.
notice-referral-referred =
    🎁 { $credits } { $credits ->
        [one] credit
       *[other] credits
    } for having come by an invitation. You have { $balance } now.
notice-bonus-ending = ⏳ { $credits } bonus { $credits ->
        [one] credit ends
       *[other] credits end
    } on { DATETIME($until, timeZone: "UTC", year: "numeric", month: "short", day: "numeric", hour: "numeric", minute: "2-digit", timeZoneName: "short") }. They are used first when you write.
notice-bonus-ended = { $credits } bonus { $credits ->
        [one] credit has
       *[other] credits have
    } ended. You have { $balance } { $balance ->
        [one] credit
       *[other] credits
    } now.
notice-gift-ending =
    🎁 You got { $credits } { $credits ->
        [one] credit
       *[other] credits
    }, to be used by { DATETIME($until, timeZone: "UTC", year: "numeric", month: "short", day: "numeric") }. You have { $balance } now.
notice-adjusted =
    The team corrected your balance by −{ $credits } { $credits ->
        [one] credit
       *[other] credits
    }: { $reason }
    You have { $balance } now.
command-redeem = Use a promo code
command-invite = Invite others
redeem-how = Write your code behind the command, like this: /redeem SPRING
redeem-done = 🎟 { $code } is yours.
redeem-credits = { $credits } { $credits ->
        [one] credit was
       *[other] credits were
    } added. You have { $balance } now.
redeem-credits-end = They can be used until { DATETIME($until, timeZone: "UTC", year: "numeric", month: "short", day: "numeric") }.
redeem-pass = ⏳ Your messages are free for { $left }.
redeem-unknown = I don't know that code. Please check how it is written.
redeem-expired = That code has ended.
redeem-used-up = That code has been used as often as it can be.
redeem-already-used = You have used that code already.
redeem-banned = You can't use codes here any more.
redeem-too-many-tries = Too many wrong codes. Please try again in an hour.
invite-link =
    Invite somebody with this link:
    { $link }
invite-for-you = When they buy something for the first time, you get { $credits } { $credits ->
        [one] credit
       *[other] credits
    }.
invite-for-them = They get { $credits } { $credits ->
        [one] credit
       *[other] credits
    } with their first purchase.
invite-count = { $came } { $came ->
        [one] person has
       *[other] people have
    } come by your link, { $bought } of them bought something.
command-promo = Promo codes: make, list, switch
command-tier = Set this user's tier: new, regular, vip or auto
command-take = Take credits back, with a reason
promo-how =
    To make one: /promo SPRING 50 uses=10 days=30 last=14 pass=1d
    It brings 50 credits that last 14 days and a pass of one day, to 10 people within 30 days. Leave out what you don't need.
    To switch one: /promo SPRING off
promo-in-general = Send /promo in General.
promo-none = There are no promo codes yet.
promo-older = Older ▶️
promo-created =
    { $promo }
    { $link }
promo-taken = There is a code { $code } already. Codes keep their meaning for ever, so please take another name.
promo-unknown = There is no code { $code }.
promo-is-on = 🎟 { $code } is on.
promo-is-off = 🎟 { $code } is off. What was redeemed stays.
promo-invalid-code = A code has 3 to 32 letters from A to Z, digits, _ or -.
promo-invalid-credits = Between 1 and 10,000 credits, please, or a pass.
promo-invalid-pass = A pass lasts at most a year.
promo-invalid-uses = At least one person must be able to use it.
promo-invalid-end = It must end in the future.
promo-invalid-life = Its credits must last at least a day, and at most ten years.
promo-credits = { $credits } { $credits ->
        [one] credit
       *[other] credits
    }
promo-life = for { $days } { $days ->
        [one] day
       *[other] days
    }
promo-uses = used { $uses }×
promo-uses-of = used { $uses } of { $most }
promo-ends = { $left } left
promo-ended = ended
promo-off = off
tier-how = /tier new, /tier regular or /tier vip sets the tier by hand, /tier auto lets the rules decide. A reason may follow.
tier-set = { $tier } from now on, whatever is bought.
tier-by-rules = The rules decide again: { $tier }.
take-how = Write how many and why: /take 20 was given twice
take-done = { $credits } { $credits ->
        [one] credit was
       *[other] credits were
    } taken. { $balance } left.
take-too-little = Nothing was taken: they hold { $held }.
topic-only = Send this in a user's topic.
topic-of-nobody = This topic belongs to no user.
