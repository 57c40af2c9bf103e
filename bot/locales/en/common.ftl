unknown-command = I don't know that command. /help lists what I can do.
stale-button = This button is out of date.
dialog-cancel = Cancel
dialog-cancelled = Cancelled, nothing changed.
something-went-wrong = Something went wrong on our side and your last message was not delivered. Nothing was charged for it. Please send it again in a moment.
