-- Booking a purchase remembers the payer's customer at Stripe with the same update of the user that counts the money.
-- The object changed here is listed in prisma/handwritten.ts.

-- Books what a payment brings: the purchase with its bonus and loyalty bonus in the ledger, what the buyer has spent and
-- their tier, their customer at Stripe, and on the payment what it brought. The first customer stays, and one that
-- belongs to somebody else is not taken. The user's row is locked before the account, as everywhere.
-- p_loyalty_percent is by the tier that the buyer had. Returns no row when the ledger knows the purchase already.
CREATE OR REPLACE FUNCTION book_purchase(
  p_user_id bigint, p_ref text, p_amount_minor int, p_paid int, p_bonus int, p_pass_seconds int,
  p_loyalty_percent jsonb, p_tier_rules jsonb, p_payment_id uuid, p_actor text, p_reason text
) RETURNS TABLE (balance int, pass_until timestamptz, loyalty int, has_kept boolean) LANGUAGE plpgsql AS $$
DECLARE
  v_tier tier;
  v_customer text;
  v_loyalty int;
  v_after record;
BEGIN
  SELECT u.tier, u.stripe_customer_id INTO v_tier, v_customer FROM users u WHERE u.id = p_user_id FOR NO KEY UPDATE;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'there is no user %', p_user_id USING ERRCODE = 'foreign_key_violation';
  END IF;
  IF v_customer IS NULL THEN
    SELECT p.customer_id INTO v_customer FROM payments p
    WHERE p.id = p_payment_id
      AND NOT EXISTS (SELECT 1 FROM users other WHERE other.stripe_customer_id = p.customer_id);
  END IF;
  UPDATE users u SET
    spent_minor = u.spent_minor + p_amount_minor,
    purchases = u.purchases + 1,
    tier = coalesce(u.tier_override, tier_by_rules(u.spent_minor + p_amount_minor, u.purchases + 1, p_tier_rules)),
    stripe_customer_id = v_customer
  WHERE u.id = p_user_id;
  v_loyalty := p_paid::bigint * coalesce((p_loyalty_percent ->> v_tier::text)::int, 0) / 100;

  SELECT * INTO v_after FROM post_entry(
    p_user_id, 'purchase', p_ref, p_paid, 0, p_pass_seconds, 'sales', p_actor, p_reason);
  IF NOT FOUND THEN
    RETURN;
  END IF;
  IF p_bonus > 0 THEN
    SELECT * INTO STRICT v_after FROM post_entry(
      p_user_id, 'bonus', p_ref, 0, p_bonus, 0, 'promotions', p_actor, p_reason);
  END IF;
  IF v_loyalty > 0 THEN
    SELECT * INTO STRICT v_after FROM post_entry(
      p_user_id, 'loyalty', p_ref, 0, v_loyalty, 0, 'promotions', p_actor, p_reason);
  END IF;
  UPDATE payments SET granted_paid = p_paid, granted_bonus = p_bonus + v_loyalty, granted_seconds = p_pass_seconds
  WHERE id = p_payment_id;
  RETURN QUERY SELECT v_after.balance, v_after.pass_until, v_loyalty, EXISTS (
    SELECT 1 FROM kept_messages k WHERE k.user_id = p_user_id AND k.ended_at IS NULL AND k.expires_at > now());
END
$$;
