-- AlterTable
ALTER TABLE "bonus_lots" ADD COLUMN     "warned_at" TIMESTAMPTZ(3);

-- CreateTable
CREATE TABLE "promo_guesses" (
    "id" BIGSERIAL NOT NULL,
    "user_id" BIGINT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "promo_guesses_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE INDEX "promo_guesses_user_id_created_at_idx" ON "promo_guesses"("user_id", "created_at");

-- AddForeignKey
ALTER TABLE "promo_guesses" ADD CONSTRAINT "promo_guesses_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "users"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- What Prisma's language cannot say; listed in prisma/handwritten.ts.

-- ── Tiers ───────────────────────────────────────────────────────────────────────────────────────────────────────────

-- The highest tier that somebody reaches by purchases or by money spent. A threshold of 0 is a way that is closed.
-- Rules: {"regular": {"purchases": 2, "spentMinor": 2000}, "vip": {…}}
CREATE FUNCTION tier_by_rules(p_spent_minor bigint, p_purchases int, p_rules jsonb) RETURNS tier LANGUAGE sql IMMUTABLE AS $$
  SELECT coalesce((
    SELECT r.tier FROM (VALUES ('vip'::tier, p_rules -> 'vip'), ('regular'::tier, p_rules -> 'regular')) AS r (tier, rule)
    WHERE p_purchases >= nullif((r.rule ->> 'purchases')::int, 0)
       OR p_spent_minor >= nullif((r.rule ->> 'spentMinor')::bigint, 0)
    ORDER BY r.tier DESC LIMIT 1), 'new'::tier)
$$;

-- Gives everybody the tier of these rules, except where the team has set one. Returns how many changed.
-- The lock waits for the purchases under way, which counted by the rules before, and lets the next ones read these.
CREATE FUNCTION reevaluate_tiers(p_rules jsonb) RETURNS int LANGUAGE plpgsql AS $$
DECLARE
  v_changed int;
BEGIN
  PERFORM pg_advisory_xact_lock(hashtextextended('tier-rules', 0));
  WITH changing AS MATERIALIZED (
    -- Locked in one order, as accepted messages lock them.
    SELECT u.id FROM users u
    WHERE u.tier_override IS NULL AND u.tier <> tier_by_rules(u.spent_minor, u.purchases, p_rules)
    ORDER BY u.id FOR NO KEY UPDATE
  ), changed AS (
    UPDATE users u SET tier = tier_by_rules(u.spent_minor, u.purchases, p_rules)
    FROM changing WHERE u.id = changing.id RETURNING u.id
  ), dirty AS (
    UPDATE conversations c SET card_dirty_at = now() FROM changed WHERE c.user_id = changed.id AND c.card_dirty_at IS NULL
  )
  SELECT count(*) INTO v_changed FROM changed;
  RETURN v_changed;
END
$$;
