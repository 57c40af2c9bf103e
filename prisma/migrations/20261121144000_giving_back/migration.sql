-- CreateEnum
CREATE TYPE "refund_request_state" AS ENUM ('asked', 'made', 'refused');

-- AlterTable
ALTER TABLE "payments" ADD COLUMN     "reversals" INTEGER NOT NULL DEFAULT 0;

-- AlterTable
ALTER TABLE "support_cases" ADD COLUMN     "key" TEXT NOT NULL;

-- CreateTable
CREATE TABLE "refund_requests" (
    "id" UUID NOT NULL,
    "payment_id" UUID NOT NULL,
    "case_id" UUID,
    "amount_minor" INTEGER NOT NULL,
    "actor" TEXT NOT NULL,
    "reason" TEXT NOT NULL,
    "state" "refund_request_state" NOT NULL DEFAULT 'asked',
    "attempt" INTEGER NOT NULL DEFAULT 1,
    "refund_id" TEXT,
    "problem" TEXT,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "asked_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "ended_at" TIMESTAMPTZ(3),

    CONSTRAINT "refund_requests_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "told_notices" (
    "key" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "told_notices_pkey" PRIMARY KEY ("key")
);

-- CreateTable
CREATE TABLE "bookmarks" (
    "name" TEXT NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "bookmarks_pkey" PRIMARY KEY ("name")
);

-- CreateIndex
CREATE INDEX "refund_requests_payment_id_idx" ON "refund_requests"("payment_id");

-- CreateIndex
CREATE INDEX "refund_requests_case_id_idx" ON "refund_requests"("case_id");

-- CreateIndex
CREATE INDEX "told_notices_created_at_idx" ON "told_notices"("created_at");

-- CreateIndex
CREATE UNIQUE INDEX "support_cases_key_key" ON "support_cases"("key");

-- AddForeignKey
ALTER TABLE "refund_requests" ADD CONSTRAINT "refund_requests_payment_id_fkey" FOREIGN KEY ("payment_id") REFERENCES "payments"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "refund_requests" ADD CONSTRAINT "refund_requests_case_id_fkey" FOREIGN KEY ("case_id") REFERENCES "support_cases"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- ── What is written by hand (listed in prisma/handwritten.ts) ───────────────────────────────────────────────────────

ALTER TABLE refund_requests ADD CONSTRAINT refund_requests_amount_positive CHECK (amount_minor > 0);

-- While the fate of one refund is unknown, no second one of the same payment may be asked for.
CREATE UNIQUE INDEX refund_requests_one_asked ON refund_requests (payment_id) WHERE state = 'asked';
CREATE UNIQUE INDEX support_cases_one_open ON support_cases (payment_id) WHERE state = 'open';

-- Gives back what was taken (a refund failed, a dispute was won). Debt is settled first, as by a purchase, so that
-- nobody holds paid credits and debt at once. Returns no row for a duplicate.
CREATE FUNCTION give_back(
  p_user_id bigint, p_kind ledger_kind, p_ref text, p_paid int, p_bonus int, p_pass_seconds int,
  p_contra text, p_actor text, p_reason text
) RETURNS TABLE (balance int, pass_until timestamptz, settled int) LANGUAGE plpgsql AS $$
DECLARE
  a accounts%ROWTYPE;
  v_settled int;
BEGIN
  IF least(p_paid, p_bonus, p_pass_seconds) < 0 THEN
    RAISE EXCEPTION 'nothing negative can be given back' USING ERRCODE = 'check_violation';
  END IF;
  INSERT INTO accounts (user_id) VALUES (p_user_id) ON CONFLICT DO NOTHING;
  SELECT * INTO a FROM accounts WHERE user_id = p_user_id FOR UPDATE;
  IF EXISTS (SELECT 1 FROM ledger_entries e WHERE e.kind = p_kind AND e.ref = p_ref) THEN
    RETURN;
  END IF;
  v_settled := least(a.debt, p_paid);
  UPDATE accounts SET
    paid = a.paid + p_paid - v_settled, bonus = a.bonus + p_bonus, debt = a.debt - v_settled,
    pass_until = CASE WHEN p_pass_seconds > 0
      THEN greatest(a.pass_until, now()) + make_interval(secs => p_pass_seconds) ELSE a.pass_until END,
    version = a.version + 1
  WHERE user_id = p_user_id
  RETURNING * INTO a;
  INSERT INTO ledger_entries (user_id, version, kind, ref, amount, paid_delta, bonus_delta, debt_delta, pass_seconds,
                              balance_after, pass_until_after, contra, actor, reason)
  VALUES (p_user_id, a.version, p_kind, p_ref, p_paid + p_bonus, p_paid - v_settled, p_bonus, -v_settled, p_pass_seconds,
          a.paid + a.bonus - a.debt, a.pass_until, p_contra, p_actor, p_reason);
  UPDATE conversations c SET card_dirty_at = coalesce(c.card_dirty_at, now()) WHERE c.user_id = p_user_id;
  RETURN QUERY SELECT a.paid + a.bonus - a.debt, a.pass_until, v_settled;
END
$$;
