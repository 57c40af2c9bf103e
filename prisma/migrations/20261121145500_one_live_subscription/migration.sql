-- Counts the changes of a row, so that an older answer of the rail cannot overwrite a newer one.
ALTER TABLE "subscriptions" ADD COLUMN "revision" INTEGER NOT NULL DEFAULT 0;

-- One live subscription per product and user. Those in Stars are Telegram's to end.
CREATE UNIQUE INDEX "subscriptions_one_live" ON "subscriptions" ("user_id", "product_id")
  WHERE "rail" = 'stripe' AND "ended_at" IS NULL;

-- What is to be looked at in case its renewal went unnoticed.
CREATE INDEX "subscriptions_period_end" ON "subscriptions" ("current_period_end") WHERE "ended_at" IS NULL;
