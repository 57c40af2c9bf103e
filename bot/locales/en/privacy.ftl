privacy-standard =
    🔒 Your privacy

    We keep what you write here so that the team can answer, your name as Telegram shows it, and what you buy. { $days ->
        [0] Messages are kept until you ask us to delete them.
        [one] Messages are emptied after one day.
       *[other] Messages are emptied after { $days } days.
    } Card payments are handled by Stripe; we never see a card number.

    /mydata sends you everything we keep.
    /deleteme makes us forget you.
privacy-terms-standard =
    📄 Terms

    You pay for messages, access and content with credits, passes or single purchases, at the prices shown before you pay. Credits have no value outside this chat and cannot be exchanged for money. What went wrong is put right: write to us about a payment and we look at it.

    /privacy tells what is kept about you.
privacy-mydata = 📦 Everything we keep about you. It is a text file (JSON) that any editor opens.
privacy-mydata-too-soon = You were sent your data a moment ago. You can ask again in { $minutes ->
        [one] one minute
       *[other] { $minutes } minutes
    }.
privacy-nothing = There is nothing kept about you here.
privacy-delete-ask =
    🗑 Shall we forget you?

    This goes: your name, everything that was written here by you and to you, the team's remarks, your saved card at Stripe, auto-recharge and subscriptions by card. The topic in the team's group is put away without your name.

    This stays, because the law asks for it: what was bought and paid, under a number without a name. A ban and what is still owed stay, too. A subscription in Stars is ended in Telegram's settings.

    { $credits ->
        [0] {""}
        [one] The one credit that you have left is lost.{" "}
       *[other] The { $credits } credits that you have left are lost.{" "}
    }{ $hasPass ->
        [yes] The time left on your pass is lost.{" "}
       *[no] {""}
    }This cannot be undone.
privacy-delete-button = 🗑 Delete everything
privacy-keep-button = Keep it
privacy-delete-kept = Nothing was deleted.
privacy-deleted = You are forgotten. If you write again, you start afresh.
command-privacy = What is kept about you
command-terms = What you agree to
command-mydata = Get a copy of your data
command-deleteme = Be forgotten
