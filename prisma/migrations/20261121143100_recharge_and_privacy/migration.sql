ALTER TABLE "recharge_plans" ADD COLUMN     "capped_until" TIMESTAMPTZ(3),
ADD COLUMN     "card_attempts" INTEGER NOT NULL DEFAULT 0,
ADD COLUMN     "card_session_id" TEXT,
ADD COLUMN     "card_token" TEXT;
CREATE UNIQUE INDEX "recharge_plans_card_token_key" ON "recharge_plans"("card_token");
CREATE UNIQUE INDEX "recharge_plans_card_session_id_key" ON "recharge_plans"("card_session_id");

ALTER TABLE "recharge_attempts" ADD COLUMN     "next_try_at" TIMESTAMPTZ(3),
ADD COLUMN     "tries" INTEGER NOT NULL DEFAULT 0;

CREATE TABLE "billing_links" (
    "user_id" BIGINT NOT NULL,
    "token" TEXT NOT NULL,
    "expires_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "billing_links_pkey" PRIMARY KEY ("user_id")
);
CREATE UNIQUE INDEX "billing_links_token_key" ON "billing_links"("token");
ALTER TABLE "billing_links" ADD CONSTRAINT "billing_links_user_id_fkey"
  FOREIGN KEY ("user_id") REFERENCES "users"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

CREATE TABLE "customer_deletions" (
    "customer_id" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "next_try_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "tries" INTEGER NOT NULL DEFAULT 0,
    "error" TEXT,

    CONSTRAINT "customer_deletions_pkey" PRIMARY KEY ("customer_id")
);
CREATE INDEX "customer_deletions_next_try_at_idx" ON "customer_deletions"("next_try_at");

CREATE TABLE "data_exports" (
    "user_id" BIGINT NOT NULL,
    "message_id" BIGINT NOT NULL,
    "requested_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "data_exports_pkey" PRIMARY KEY ("user_id")
);
ALTER TABLE "data_exports" ADD CONSTRAINT "data_exports_user_id_fkey"
  FOREIGN KEY ("user_id") REFERENCES "users"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

CREATE TABLE "watermarks" (
    "name" TEXT NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "watermarks_pkey" PRIMARY KEY ("name")
);

-- ── Beyond Prisma's language; listed in prisma/handwritten.ts ───────────────────────────────────────────────────────

-- Plans that wait for the next month.
CREATE INDEX recharge_plans_capped ON recharge_plans (capped_until) WHERE capped_until IS NOT NULL;

-- Whoever was forgotten and comes back is somebody new under the same id.
CREATE FUNCTION welcome_back() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  NEW.erased_at := NULL;
  RETURN NEW;
END
$$;
CREATE TRIGGER users_welcome_back BEFORE UPDATE OF first_name ON users FOR EACH ROW
  WHEN (OLD.erased_at IS NOT NULL AND OLD.first_name = '' AND NEW.first_name <> '')
  EXECUTE FUNCTION welcome_back();
