-- CreateEnum
CREATE TYPE "subscription_gives" AS ENUM ('credits', 'access');

-- CreateEnum
CREATE TYPE "rail" AS ENUM ('stripe', 'stars');

-- CreateEnum
CREATE TYPE "order_origin" AS ENUM ('chosen', 'recharge');

-- CreateEnum
CREATE TYPE "support_case_state" AS ENUM ('open', 'accepted', 'declined');

-- CreateEnum
CREATE TYPE "recharge_state" AS ENUM ('awaiting_card', 'on', 'suspended', 'off');

-- CreateEnum
CREATE TYPE "recharge_attempt_state" AS ENUM ('due', 'charging', 'succeeded', 'failed', 'needs_buyer', 'skipped');

-- AlterEnum
-- This migration adds more than one value to an enum.
-- With PostgreSQL versions 11 and earlier, this is not possible
-- in a single migration. This can be worked around by creating
-- multiple migrations, each migration adding only one value to
-- the enum.


ALTER TYPE "ledger_kind" ADD VALUE 'release';
ALTER TYPE "ledger_kind" ADD VALUE 'expiry';
ALTER TYPE "ledger_kind" ADD VALUE 'refund';
ALTER TYPE "ledger_kind" ADD VALUE 'dispute';
ALTER TYPE "ledger_kind" ADD VALUE 'dispute_won';
ALTER TYPE "ledger_kind" ADD VALUE 'promo';
ALTER TYPE "ledger_kind" ADD VALUE 'loyalty';
ALTER TYPE "ledger_kind" ADD VALUE 'referral';
ALTER TYPE "ledger_kind" ADD VALUE 'unlock';

-- DropIndex
DROP INDEX "users_stripe_customer_id_key";

-- AlterTable
ALTER TABLE "users" ADD COLUMN     "erased_at" TIMESTAMPTZ(3),
ADD COLUMN     "purchases" INTEGER NOT NULL DEFAULT 0,
ADD COLUMN     "referred_by_id" BIGINT,
ADD COLUMN     "spent_minor" BIGINT NOT NULL DEFAULT 0,
ADD COLUMN     "tier_override" "tier";

-- AlterTable
ALTER TABLE "accounts" ADD COLUMN     "recharge_below" INTEGER;

-- AlterTable
ALTER TABLE "products" ADD COLUMN     "content_id" INTEGER,
ADD COLUMN     "gives" "subscription_gives",
ADD COLUMN     "price_stars" INTEGER;

-- AlterTable
ALTER TABLE "orders" ADD COLUMN     "content_id" INTEGER,
ADD COLUMN     "gives" "subscription_gives",
ADD COLUMN     "origin" "order_origin" NOT NULL DEFAULT 'chosen',
ADD COLUMN     "price_stars" INTEGER,
ADD COLUMN     "rail" "rail" NOT NULL DEFAULT 'stripe',
ADD COLUMN     "saves_card" BOOLEAN NOT NULL DEFAULT false;

-- AlterTable
ALTER TABLE "payments" ADD COLUMN     "charge_id" TEXT,
ADD COLUMN     "granted_bonus" INTEGER NOT NULL DEFAULT 0,
ADD COLUMN     "granted_paid" INTEGER NOT NULL DEFAULT 0,
ADD COLUMN     "granted_seconds" INTEGER NOT NULL DEFAULT 0,
ADD COLUMN     "invoice_id" TEXT,
ADD COLUMN     "rail" "rail" NOT NULL DEFAULT 'stripe',
ADD COLUMN     "refunded_minor" INTEGER NOT NULL DEFAULT 0,
ADD COLUMN     "reversed_bonus" INTEGER NOT NULL DEFAULT 0,
ADD COLUMN     "reversed_paid" INTEGER NOT NULL DEFAULT 0,
ADD COLUMN     "reversed_seconds" INTEGER NOT NULL DEFAULT 0,
ADD COLUMN     "stars_charge_id" TEXT,
ADD COLUMN     "subscription_id" TEXT,
ALTER COLUMN "session_id" DROP NOT NULL;

-- CreateTable
CREATE TABLE "bonus_lots" (
    "entry_id" BIGINT NOT NULL,
    "user_id" BIGINT NOT NULL,
    "granted" INTEGER NOT NULL,
    "expires_at" TIMESTAMPTZ(3) NOT NULL,
    "expired_at" TIMESTAMPTZ(3),

    CONSTRAINT "bonus_lots_pkey" PRIMARY KEY ("entry_id")
);

-- CreateTable
CREATE TABLE "promo_codes" (
    "id" SERIAL NOT NULL,
    "code" TEXT NOT NULL,
    "credits" INTEGER NOT NULL DEFAULT 0,
    "pass_seconds" INTEGER NOT NULL DEFAULT 0,
    "credits_last_days" INTEGER,
    "max_uses" INTEGER,
    "uses" INTEGER NOT NULL DEFAULT 0,
    "expires_at" TIMESTAMPTZ(3),
    "active" BOOLEAN NOT NULL DEFAULT true,
    "created_by" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "promo_codes_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "promo_redemptions" (
    "promo_id" INTEGER NOT NULL,
    "user_id" BIGINT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "promo_redemptions_pkey" PRIMARY KEY ("promo_id","user_id")
);

-- CreateTable
CREATE TABLE "refunds" (
    "id" TEXT NOT NULL,
    "payment_id" UUID NOT NULL,
    "amount_minor" INTEGER NOT NULL,
    "currency" TEXT NOT NULL,
    "status" TEXT NOT NULL,
    "actor" TEXT NOT NULL,
    "reason" TEXT,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "refunds_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "disputes" (
    "id" TEXT NOT NULL,
    "payment_id" UUID NOT NULL,
    "amount_minor" INTEGER NOT NULL,
    "currency" TEXT NOT NULL,
    "status" TEXT NOT NULL,
    "reason" TEXT NOT NULL,
    "evidence_due_at" TIMESTAMPTZ(3),
    "frozen_paid" INTEGER NOT NULL DEFAULT 0,
    "frozen_bonus" INTEGER NOT NULL DEFAULT 0,
    "frozen_seconds" INTEGER NOT NULL DEFAULT 0,
    "opened_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "closed_at" TIMESTAMPTZ(3),

    CONSTRAINT "disputes_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "support_cases" (
    "id" UUID NOT NULL,
    "user_id" BIGINT NOT NULL,
    "payment_id" UUID NOT NULL,
    "text" TEXT NOT NULL,
    "state" "support_case_state" NOT NULL DEFAULT 'open',
    "decided_by" TEXT,
    "reason" TEXT,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "decided_at" TIMESTAMPTZ(3),

    CONSTRAINT "support_cases_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "recharge_plans" (
    "user_id" BIGINT NOT NULL,
    "product_id" INTEGER NOT NULL,
    "threshold" INTEGER NOT NULL,
    "monthly_cap_minor" INTEGER NOT NULL,
    "state" "recharge_state" NOT NULL DEFAULT 'awaiting_card',
    "payment_method_id" TEXT,
    "card_fingerprint" TEXT,
    "card_brand" TEXT,
    "card_last4" TEXT,
    "failures" INTEGER NOT NULL DEFAULT 0,
    "suspended_reason" TEXT,
    "updated_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "recharge_plans_pkey" PRIMARY KEY ("user_id")
);

-- CreateTable
CREATE TABLE "recharge_consents" (
    "id" BIGSERIAL NOT NULL,
    "user_id" BIGINT NOT NULL,
    "text" TEXT NOT NULL,
    "product_id" INTEGER NOT NULL,
    "threshold" INTEGER NOT NULL,
    "price_minor" INTEGER NOT NULL,
    "monthly_cap_minor" INTEGER NOT NULL,
    "currency" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "recharge_consents_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "recharge_attempts" (
    "id" UUID NOT NULL DEFAULT gen_random_uuid(),
    "user_id" BIGINT NOT NULL,
    "order_id" UUID,
    "payment_intent_id" TEXT,
    "state" "recharge_attempt_state" NOT NULL DEFAULT 'due',
    "amount_minor" INTEGER NOT NULL DEFAULT 0,
    "currency" TEXT,
    "card_fingerprint" TEXT,
    "problem" TEXT,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "charged_at" TIMESTAMPTZ(3),
    "ended_at" TIMESTAMPTZ(3),

    CONSTRAINT "recharge_attempts_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "subscriptions" (
    "id" TEXT NOT NULL,
    "rail" "rail" NOT NULL,
    "user_id" BIGINT NOT NULL,
    "product_id" INTEGER NOT NULL,
    "status" TEXT NOT NULL,
    "amount_minor" INTEGER NOT NULL,
    "currency" TEXT NOT NULL,
    "current_period_end" TIMESTAMPTZ(3),
    "cancel_at_period_end" BOOLEAN NOT NULL DEFAULT false,
    "failure_told_for" TEXT,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL,
    "ended_at" TIMESTAMPTZ(3),

    CONSTRAINT "subscriptions_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "contents" (
    "id" SERIAL NOT NULL,
    "title" TEXT NOT NULL,
    "description" TEXT,
    "price_credits" INTEGER,
    "preview_file_id" TEXT,
    "active" BOOLEAN NOT NULL DEFAULT true,
    "created_by" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "contents_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "content_parts" (
    "content_id" INTEGER NOT NULL,
    "position" INTEGER NOT NULL,
    "kind" TEXT NOT NULL,
    "file_id" TEXT NOT NULL,
    "caption" TEXT,

    CONSTRAINT "content_parts_pkey" PRIMARY KEY ("content_id","position")
);

-- CreateTable
CREATE TABLE "unlocks" (
    "content_id" INTEGER NOT NULL,
    "user_id" BIGINT NOT NULL,
    "source" TEXT NOT NULL,
    "withdrawn_at" TIMESTAMPTZ(3),
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "unlocks_pkey" PRIMARY KEY ("content_id","user_id")
);

-- CreateTable
CREATE TABLE "kept_messages" (
    "id" BIGSERIAL NOT NULL,
    "bot_id" BIGINT NOT NULL,
    "user_id" BIGINT NOT NULL,
    "user_message_id" BIGINT NOT NULL,
    "content" JSON NOT NULL,
    "cost" INTEGER NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "expires_at" TIMESTAMPTZ(3) NOT NULL,
    "ended_at" TIMESTAMPTZ(3),

    CONSTRAINT "kept_messages_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE INDEX "bonus_lots_user_id_expires_at_idx" ON "bonus_lots"("user_id", "expires_at");

-- CreateIndex
CREATE UNIQUE INDEX "promo_codes_code_key" ON "promo_codes"("code");

-- CreateIndex
CREATE INDEX "promo_redemptions_user_id_idx" ON "promo_redemptions"("user_id");

-- CreateIndex
CREATE INDEX "refunds_payment_id_idx" ON "refunds"("payment_id");

-- CreateIndex
CREATE INDEX "refunds_created_at_idx" ON "refunds"("created_at");

-- CreateIndex
CREATE INDEX "disputes_payment_id_idx" ON "disputes"("payment_id");

-- CreateIndex
CREATE INDEX "disputes_opened_at_idx" ON "disputes"("opened_at");

-- CreateIndex
CREATE INDEX "support_cases_user_id_idx" ON "support_cases"("user_id");

-- CreateIndex
CREATE INDEX "support_cases_payment_id_idx" ON "support_cases"("payment_id");

-- CreateIndex
CREATE INDEX "support_cases_state_created_at_idx" ON "support_cases"("state", "created_at");

-- CreateIndex
CREATE INDEX "recharge_consents_user_id_id_idx" ON "recharge_consents"("user_id", "id");

-- CreateIndex
CREATE UNIQUE INDEX "recharge_attempts_payment_intent_id_key" ON "recharge_attempts"("payment_intent_id");

-- CreateIndex
CREATE INDEX "recharge_attempts_user_id_created_at_idx" ON "recharge_attempts"("user_id", "created_at");

-- CreateIndex
CREATE INDEX "recharge_attempts_order_id_idx" ON "recharge_attempts"("order_id");

-- CreateIndex
CREATE INDEX "subscriptions_user_id_idx" ON "subscriptions"("user_id");

-- CreateIndex
CREATE INDEX "subscriptions_product_id_idx" ON "subscriptions"("product_id");

-- CreateIndex
CREATE INDEX "contents_active_id_idx" ON "contents"("active", "id");

-- CreateIndex
CREATE INDEX "unlocks_user_id_created_at_idx" ON "unlocks"("user_id", "created_at");

-- CreateIndex
CREATE INDEX "kept_messages_user_id_idx" ON "kept_messages"("user_id");

-- CreateIndex
CREATE UNIQUE INDEX "kept_messages_bot_id_user_id_user_message_id_key" ON "kept_messages"("bot_id", "user_id", "user_message_id");

-- CreateIndex
CREATE INDEX "users_referred_by_id_idx" ON "users"("referred_by_id");

-- CreateIndex
CREATE UNIQUE INDEX "products_content_id_key" ON "products"("content_id");

-- CreateIndex
CREATE UNIQUE INDEX "payments_invoice_id_key" ON "payments"("invoice_id");

-- CreateIndex
CREATE UNIQUE INDEX "payments_stars_charge_id_key" ON "payments"("stars_charge_id");

-- CreateIndex
CREATE UNIQUE INDEX "payments_charge_id_key" ON "payments"("charge_id");

-- CreateIndex
CREATE INDEX "payments_order_id_idx" ON "payments"("order_id");

-- CreateIndex
CREATE INDEX "payments_subscription_id_idx" ON "payments"("subscription_id");

-- AddForeignKey
ALTER TABLE "users" ADD CONSTRAINT "users_referred_by_id_fkey" FOREIGN KEY ("referred_by_id") REFERENCES "users"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "bonus_lots" ADD CONSTRAINT "bonus_lots_entry_id_fkey" FOREIGN KEY ("entry_id") REFERENCES "ledger_entries"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "bonus_lots" ADD CONSTRAINT "bonus_lots_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "users"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "promo_redemptions" ADD CONSTRAINT "promo_redemptions_promo_id_fkey" FOREIGN KEY ("promo_id") REFERENCES "promo_codes"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "promo_redemptions" ADD CONSTRAINT "promo_redemptions_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "users"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "products" ADD CONSTRAINT "products_content_id_fkey" FOREIGN KEY ("content_id") REFERENCES "contents"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "orders" ADD CONSTRAINT "orders_content_id_fkey" FOREIGN KEY ("content_id") REFERENCES "contents"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "payments" ADD CONSTRAINT "payments_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "users"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "payments" ADD CONSTRAINT "payments_subscription_id_fkey" FOREIGN KEY ("subscription_id") REFERENCES "subscriptions"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "refunds" ADD CONSTRAINT "refunds_payment_id_fkey" FOREIGN KEY ("payment_id") REFERENCES "payments"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "disputes" ADD CONSTRAINT "disputes_payment_id_fkey" FOREIGN KEY ("payment_id") REFERENCES "payments"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "support_cases" ADD CONSTRAINT "support_cases_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "users"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "support_cases" ADD CONSTRAINT "support_cases_payment_id_fkey" FOREIGN KEY ("payment_id") REFERENCES "payments"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "recharge_plans" ADD CONSTRAINT "recharge_plans_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "users"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "recharge_plans" ADD CONSTRAINT "recharge_plans_product_id_fkey" FOREIGN KEY ("product_id") REFERENCES "products"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "recharge_consents" ADD CONSTRAINT "recharge_consents_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "users"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "recharge_attempts" ADD CONSTRAINT "recharge_attempts_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "users"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "recharge_attempts" ADD CONSTRAINT "recharge_attempts_order_id_fkey" FOREIGN KEY ("order_id") REFERENCES "orders"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "subscriptions" ADD CONSTRAINT "subscriptions_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "users"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "subscriptions" ADD CONSTRAINT "subscriptions_product_id_fkey" FOREIGN KEY ("product_id") REFERENCES "products"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "content_parts" ADD CONSTRAINT "content_parts_content_id_fkey" FOREIGN KEY ("content_id") REFERENCES "contents"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "unlocks" ADD CONSTRAINT "unlocks_content_id_fkey" FOREIGN KEY ("content_id") REFERENCES "contents"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "unlocks" ADD CONSTRAINT "unlocks_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "users"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "kept_messages" ADD CONSTRAINT "kept_messages_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "users"("id") ON DELETE RESTRICT ON UPDATE CASCADE;
