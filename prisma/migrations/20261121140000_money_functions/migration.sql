-- What the tables of the money need beyond Prisma's language.
-- Every object made here is listed in prisma/handwritten.ts.

-- ── Bounds ──────────────────────────────────────────────────────────────────────────────────────────────────────────

ALTER TABLE payments
  ADD CONSTRAINT payments_give_back_what_came CHECK (
    amount_minor >= 0 AND refunded_minor BETWEEN 0 AND amount_minor
    AND reversed_paid BETWEEN 0 AND granted_paid AND reversed_bonus BETWEEN 0 AND granted_bonus
    AND reversed_seconds BETWEEN 0 AND granted_seconds),
  ADD CONSTRAINT payments_have_a_key CHECK (num_nonnulls(session_id, payment_intent_id, invoice_id, stars_charge_id) > 0);
ALTER TABLE promo_codes
  ADD CONSTRAINT promo_codes_sane CHECK (
    credits >= 0 AND pass_seconds >= 0 AND credits + pass_seconds > 0 AND code = upper(code)
    AND uses >= 0 AND (max_uses IS NULL OR uses <= max_uses));
ALTER TABLE bonus_lots ADD CONSTRAINT bonus_lots_granted_positive CHECK (granted > 0);
ALTER TABLE recharge_plans ADD CONSTRAINT recharge_plans_sane CHECK (threshold >= 0 AND monthly_cap_minor > 0);
ALTER TABLE refunds ADD CONSTRAINT refunds_amount_positive CHECK (amount_minor > 0);

-- ── Work lists, and what may exist only once ────────────────────────────────────────────────────────────────────────

-- Partial, so that PostgreSQL does not take the column for a key that others may refer to: setting it would lock the user
-- against every insert that names them, and cross the locks of accepted messages.
CREATE UNIQUE INDEX users_stripe_customer ON users (stripe_customer_id) WHERE stripe_customer_id IS NOT NULL;
CREATE UNIQUE INDEX recharge_attempts_one_in_flight ON recharge_attempts (user_id) WHERE state IN ('due', 'charging');
CREATE INDEX recharge_attempts_open ON recharge_attempts (created_at) WHERE state IN ('due', 'charging');
CREATE INDEX bonus_lots_due ON bonus_lots (expires_at) WHERE expired_at IS NULL;
CREATE INDEX kept_messages_open ON kept_messages (expires_at) WHERE ended_at IS NULL;
CREATE INDEX disputes_open ON disputes (opened_at) WHERE closed_at IS NULL;

CREATE TRIGGER recharge_consents_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON recharge_consents
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- ── Single movements ────────────────────────────────────────────────────────────────────────────────────────────────

DROP FUNCTION post_entry(bigint, ledger_kind, text, int, int, int, text, text, text);

-- Books one movement of credits or time. The account row is locked first, so concurrent movements of one user queue up;
-- the unique (kind, ref) decides whether it was booked before. Returns no row for a duplicate.
-- A purchase settles debt first: amount stays what was bought, and less of it becomes paid credits.
-- A pass is extended from its end, or from now when it has ended: buying two days twice makes four days.
-- Taking away asks for a recharge as a message does.
CREATE FUNCTION post_entry(
  p_user_id bigint, p_kind ledger_kind, p_ref text, p_paid_delta int, p_bonus_delta int, p_pass_seconds int,
  p_contra text, p_actor text, p_reason text
) RETURNS TABLE (entry_id bigint, balance int, pass_until timestamptz, settled int) LANGUAGE plpgsql AS $$
DECLARE
  a accounts%ROWTYPE;
  v_settled int := 0;
  v_entry_id bigint;
BEGIN
  INSERT INTO accounts (user_id) VALUES (p_user_id) ON CONFLICT DO NOTHING;
  SELECT * INTO a FROM accounts WHERE user_id = p_user_id FOR UPDATE;
  IF EXISTS (SELECT 1 FROM ledger_entries e WHERE e.kind = p_kind AND e.ref = p_ref) THEN
    RETURN;
  END IF;
  IF p_kind = 'purchase' THEN
    v_settled := least(a.debt, greatest(p_paid_delta, 0));
  END IF;
  UPDATE accounts SET
    paid = a.paid + p_paid_delta - v_settled,
    bonus = a.bonus + p_bonus_delta,
    debt = a.debt - v_settled,
    pass_until = CASE WHEN p_pass_seconds <> 0
      THEN greatest(a.pass_until, now()) + make_interval(secs => p_pass_seconds) ELSE a.pass_until END,
    version = a.version + 1
  WHERE user_id = p_user_id
  RETURNING * INTO a;
  INSERT INTO ledger_entries (user_id, version, kind, ref, amount, paid_delta, bonus_delta, debt_delta, pass_seconds,
                              balance_after, pass_until_after, contra, actor, reason)
  VALUES (p_user_id, a.version, p_kind, p_ref, p_paid_delta + p_bonus_delta, p_paid_delta - v_settled, p_bonus_delta,
          -v_settled, p_pass_seconds, a.paid + a.bonus - a.debt, a.pass_until, p_contra, p_actor, p_reason)
  RETURNING id INTO v_entry_id;
  IF p_kind = 'unlock' AND a.paid + a.bonus - a.debt <= a.recharge_below THEN
    INSERT INTO recharge_attempts (user_id) VALUES (p_user_id) ON CONFLICT DO NOTHING;
  END IF;
  UPDATE conversations c SET card_dirty_at = coalesce(c.card_dirty_at, now()) WHERE c.user_id = p_user_id;
  RETURN QUERY SELECT v_entry_id, a.paid + a.bonus - a.debt, a.pass_until, v_settled;
END
$$;

-- Takes back credits and time that were granted. Only what is unspent can be taken; with p_owes the missing paid credits
-- become debt, which the next purchase settles. Bonus credits are never owed. Returns no row for a duplicate.
CREATE FUNCTION take_back(
  p_user_id bigint, p_kind ledger_kind, p_ref text, p_paid int, p_bonus int, p_pass_seconds int, p_owes boolean,
  p_contra text, p_actor text, p_reason text
) RETURNS TABLE (entry_id bigint, balance int, pass_until timestamptz, taken_paid int, taken_bonus int, owed int)
LANGUAGE plpgsql AS $$
DECLARE
  a accounts%ROWTYPE;
  v_paid int;
  v_bonus int;
  v_owed int;
  v_entry_id bigint;
BEGIN
  IF least(p_paid, p_bonus, p_pass_seconds) < 0 THEN
    RAISE EXCEPTION 'nothing negative can be taken back' USING ERRCODE = 'check_violation';
  END IF;
  INSERT INTO accounts (user_id) VALUES (p_user_id) ON CONFLICT DO NOTHING;
  SELECT * INTO a FROM accounts WHERE user_id = p_user_id FOR UPDATE;
  IF EXISTS (SELECT 1 FROM ledger_entries e WHERE e.kind = p_kind AND e.ref = p_ref) THEN
    RETURN;
  END IF;
  v_paid := least(a.paid, p_paid);
  v_bonus := least(a.bonus, p_bonus);
  v_owed := CASE WHEN p_owes THEN p_paid - v_paid ELSE 0 END;
  UPDATE accounts SET
    paid = a.paid - v_paid, bonus = a.bonus - v_bonus, debt = a.debt + v_owed,
    pass_until = a.pass_until - make_interval(secs => p_pass_seconds),
    version = a.version + 1
  WHERE user_id = p_user_id
  RETURNING * INTO a;
  INSERT INTO ledger_entries (user_id, version, kind, ref, amount, paid_delta, bonus_delta, debt_delta, pass_seconds,
                              balance_after, pass_until_after, contra, actor, reason)
  VALUES (p_user_id, a.version, p_kind, p_ref, -v_paid - v_bonus - v_owed, -v_paid, -v_bonus, v_owed, -p_pass_seconds,
          a.paid + a.bonus - a.debt, a.pass_until, p_contra, p_actor, p_reason)
  RETURNING id INTO v_entry_id;
  UPDATE conversations c SET card_dirty_at = coalesce(c.card_dirty_at, now()) WHERE c.user_id = p_user_id;
  RETURN QUERY SELECT v_entry_id, a.paid + a.bonus - a.debt, a.pass_until, v_paid, v_bonus, v_owed;
END
$$;
