-- Telegram lets a bot that manages topics write into a closed one, which then stays closed: it has to be opened again
-- by whoever knows that it is.
ALTER TABLE "conversations" ADD COLUMN "topic_closed_at" TIMESTAMPTZ(3);
