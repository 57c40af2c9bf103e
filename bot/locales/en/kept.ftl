kept-drop-button = ✖️ Don't send
kept-dropped = Not sent. Nothing was charged.
kept-oldest-dropped = Only your newest { $most } messages wait like this; the oldest one was let go.
kept-gone = This message does not wait any more.
notice-kept-sent = 📨 { $sent ->
        [one] Your waiting message is on its way now.
       *[other] Your { $sent } waiting messages are on their way now.
    }
notice-kept-waiting = Your waiting message costs { $cost } { $cost ->
        [one] credit
       *[other] credits
    } and you have { $credits }. It goes out by itself once there is enough.
