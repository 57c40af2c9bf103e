-- What Prisma's schema language cannot say: bounds, append-only tables, queue indexes and the functions of the hot path.
-- Every object made here is listed in prisma/handwritten.ts.

-- ── Bounds ──────────────────────────────────────────────────────────────────────────────────────────────────────────

ALTER TABLE accounts
  ADD CONSTRAINT accounts_paid_not_negative CHECK (paid >= 0),
  ADD CONSTRAINT accounts_bonus_not_negative CHECK (bonus >= 0),
  ADD CONSTRAINT accounts_debt_not_negative CHECK (debt >= 0);

ALTER TABLE ledger_entries
  ADD CONSTRAINT ledger_entries_amount_adds_up CHECK (amount = paid_delta + bonus_delta - debt_delta),
  ADD CONSTRAINT ledger_entries_balance_bounded CHECK (balance_after BETWEEN -1000000000 AND 1000000000);

ALTER TABLE products
  ADD CONSTRAINT products_sane CHECK (amount > 0 AND bonus >= 0 AND price_minor > 0 AND currency ~ '^[a-z]{3}$');

-- ── Queues: only open rows are indexed, so the indexes stay as small as the backlog ──────────────────────────────────

CREATE INDEX inbox_open ON inbox (bot_id, update_id) WHERE done_at IS NULL AND dead_at IS NULL;
CREATE INDEX inbox_dead ON inbox (bot_id) WHERE dead_at IS NOT NULL;
CREATE INDEX inbox_done ON inbox (done_at) WHERE done_at IS NOT NULL;
CREATE INDEX outbox_lane ON outbox (lane, id) WHERE state IN ('pending', 'sending', 'unknown');
CREATE INDEX outbox_pending ON outbox (priority, id) WHERE state IN ('pending', 'unknown');
CREATE INDEX outbox_dead ON outbox (id) WHERE state = 'dead';
CREATE INDEX stripe_events_open ON stripe_events (received_at) WHERE processed_at IS NULL;
CREATE INDEX payments_quarantined ON payments (created_at DESC) WHERE state = 'quarantined';
CREATE INDEX conversations_waiting ON conversations (waiting_since) WHERE waiting_since IS NOT NULL;
CREATE INDEX conversations_card_dirty ON conversations (card_dirty_at) WHERE card_dirty_at IS NOT NULL;
CREATE INDEX accounts_pass_ending ON accounts (pass_until) WHERE pass_until IS NOT NULL;
CREATE INDEX messages_album ON messages (user_id, album_id) WHERE album_id IS NOT NULL;

-- Autovacuum must keep up with queues and hot rows.
ALTER TABLE inbox SET (autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_threshold = 1000);
ALTER TABLE outbox SET (autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_threshold = 1000);
ALTER TABLE accounts SET (fillfactor = 80);
ALTER TABLE conversations SET (fillfactor = 80);

-- ── Append-only tables ──────────────────────────────────────────────────────────────────────────────────────────────

CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END
$$;

CREATE TRIGGER ledger_entries_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger_entries
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER audit_entries_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_entries
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- ── Single movements ────────────────────────────────────────────────────────────────────────────────────────────────

-- Books one movement of credits or time. The account row is locked first, so concurrent movements of one user queue up;
-- the unique (kind, ref) decides whether it was booked before. Returns no row for a duplicate.
-- A pass is extended from its end, or from now when it has ended: buying two days twice makes four days.
CREATE FUNCTION post_entry(
  p_user_id bigint, p_kind ledger_kind, p_ref text, p_paid_delta int, p_bonus_delta int, p_pass_seconds int,
  p_contra text, p_actor text, p_reason text
) RETURNS TABLE (balance int, pass_until timestamptz) LANGUAGE plpgsql AS $$
DECLARE
  a accounts%ROWTYPE;
BEGIN
  INSERT INTO accounts (user_id) VALUES (p_user_id) ON CONFLICT DO NOTHING;
  SELECT * INTO a FROM accounts WHERE user_id = p_user_id FOR UPDATE;
  IF EXISTS (SELECT 1 FROM ledger_entries e WHERE e.kind = p_kind AND e.ref = p_ref) THEN
    RETURN;
  END IF;
  UPDATE accounts SET
    paid = a.paid + p_paid_delta,
    bonus = a.bonus + p_bonus_delta,
    pass_until = CASE WHEN p_pass_seconds <> 0
      THEN greatest(a.pass_until, now()) + make_interval(secs => p_pass_seconds) ELSE a.pass_until END,
    version = a.version + 1
  WHERE user_id = p_user_id
  RETURNING * INTO a;
  INSERT INTO ledger_entries (user_id, version, kind, ref, amount, paid_delta, bonus_delta, pass_seconds,
                              balance_after, pass_until_after, contra, actor, reason)
  VALUES (p_user_id, a.version, p_kind, p_ref, p_paid_delta + p_bonus_delta, p_paid_delta, p_bonus_delta, p_pass_seconds,
          a.paid + a.bonus - a.debt, a.pass_until, p_contra, p_actor, p_reason);
  UPDATE conversations c SET card_dirty_at = coalesce(c.card_dirty_at, now()) WHERE c.user_id = p_user_id;
  RETURN QUERY SELECT a.paid + a.bonus - a.debt, a.pass_until;
END
$$;

-- ── Accepting messages ──────────────────────────────────────────────────────────────────────────────────────────────

-- Accepts up to a hundred messages of as many different users at once: charges each, writes it down, owes the relay
-- and the receipt, and closes the updates it came from. One call is one transaction, so a message is never charged
-- without being in the team's inbox, and never in the inbox without being charged.
--
-- An item: {"u": user id, "fn","ln","un","lc": profile, "k": kind, "a": album id, "t": preview text,
--           "p": [{"id": message id, "k": kind, "t": text, "c": the Telegram message}], "i": [update ids]}
-- Two processes that accept the same message at once meet in the unique keys of messages and ledger_entries: the later
-- one fails with unique_violation, and its retry answers `duplicate`.
CREATE FUNCTION accept_messages(
  p_bot_id bigint, p_items json, p_costs jsonb, p_receipts boolean, p_low_credits int, p_owner text, p_lease_seconds int
) RETURNS TABLE (
  user_id bigint, status text, cost int, credits int, pass_until timestamptz, message_ids bigint[],
  relay_id bigint, receipt_id bigint, leased boolean
) LANGUAGE plpgsql
-- Plans are cached while tables are still small; only index look-ups keep the cost flat when they have grown.
-- OFFSET 0 keeps each EXISTS a look-up per row instead of a join over the whole table.
SET enable_seqscan = off SET enable_mergejoin = off
AS $$
#variable_conflict use_column
BEGIN
  INSERT INTO users (id, first_name, last_name, username, language_code)
  SELECT i.u, i.fn, i.ln, i.un, i.lc
  FROM json_to_recordset(p_items) AS i(u bigint, fn text, ln text, un text, lc text)
  WHERE NOT EXISTS (
    SELECT 1 FROM users x WHERE x.id = i.u AND x.blocked_at IS NULL
      AND (x.first_name, x.last_name, x.username, x.language_code) IS NOT DISTINCT FROM (i.fn, i.ln, i.un, i.lc) OFFSET 0)
  ORDER BY i.u
  ON CONFLICT (id) DO UPDATE SET first_name = excluded.first_name, last_name = excluded.last_name,
    username = excluded.username, language_code = excluded.language_code, blocked_at = NULL;

  INSERT INTO accounts (user_id)
  SELECT i.u FROM json_to_recordset(p_items) AS i(u bigint)
  WHERE NOT EXISTS (SELECT 1 FROM accounts x WHERE x.user_id = i.u OFFSET 0) ORDER BY i.u
  ON CONFLICT DO NOTHING;

  INSERT INTO conversations (user_id)
  SELECT i.u FROM json_to_recordset(p_items) AS i(u bigint)
  WHERE NOT EXISTS (SELECT 1 FROM conversations x WHERE x.user_id = i.u OFFSET 0) ORDER BY i.u
  ON CONFLICT DO NOTHING;

  RETURN QUERY
  WITH item AS MATERIALIZED (
    SELECT i.*, coalesce((p_costs ->> i.k)::int, (p_costs ->> 'other')::int) AS price
    FROM json_to_recordset(p_items) AS i(u bigint, k text, a text, t text, p json, i json)
  ), part AS MATERIALIZED (
    SELECT item.u, item.a, x.id, x.k, x.t, x.c,
           row_number() OVER (PARTITION BY item.u ORDER BY x.id) AS position
    FROM item, json_to_recordset(item.p) AS x(id bigint, k text, t text, c json)
    WHERE NOT EXISTS (SELECT 1 FROM messages m WHERE m.bot_id = p_bot_id AND m.user_id = item.u AND m.user_message_id = x.id OFFSET 0)
  ), fresh AS MATERIALIZED (
    -- A late part of an album that was charged already belongs to it and costs nothing.
    SELECT item.u, min(part.id) AS first_id,
           CASE WHEN item.a IS NOT NULL AND EXISTS (
             SELECT 1 FROM messages m WHERE m.user_id = item.u AND m.album_id = item.a AND m.bot_id = p_bot_id OFFSET 0)
           THEN 0 ELSE item.price END AS price, item.t
    FROM item JOIN part ON part.u = item.u JOIN users ON users.id = item.u
    WHERE users.banned_at IS NULL
    GROUP BY item.u, item.a, item.price, item.t
  ), held AS MATERIALIZED (
    -- Locked in one order, so that two batches can never wait for each other; what is read here is the newest truth.
    SELECT a.user_id, a.paid, a.bonus, fresh.first_id, fresh.t,
           CASE WHEN a.pass_until > now() THEN 0 ELSE fresh.price END AS cost
    FROM accounts a JOIN fresh ON fresh.u = a.user_id
    ORDER BY a.user_id FOR UPDATE OF a
  ), debit AS (
    UPDATE accounts a SET
      bonus = h.bonus - least(h.bonus, h.cost),
      paid = h.paid - greatest(h.cost - h.bonus, 0),
      version = a.version + CASE WHEN h.cost = 0 THEN 0 ELSE 1 END
    FROM held h
    WHERE a.user_id = h.user_id AND h.paid + h.bonus >= h.cost
    RETURNING a.user_id, a.paid + a.bonus - a.debt AS credits, a.pass_until, a.version,
      h.cost, least(h.bonus, h.cost) AS from_bonus, h.first_id, h.t
  ), entry AS (
    INSERT INTO ledger_entries (user_id, version, kind, ref, amount, paid_delta, bonus_delta, balance_after,
                                pass_until_after, contra, actor)
    SELECT d.user_id, d.version, 'spend', format('msg:%s:%s:%s', p_bot_id, d.user_id, d.first_id), -d.cost,
           d.from_bonus - d.cost, -d.from_bonus, d.credits, d.pass_until, 'messages', 'user'
    FROM debit d WHERE d.cost > 0
  ), message AS (
    INSERT INTO messages (bot_id, user_id, direction, kind, text, content, album_id, user_message_id, cost)
    SELECT p_bot_id, part.u, 'in', part.k, part.t, part.c, part.a, part.id,
           CASE WHEN part.position = 1 THEN d.cost ELSE 0 END
    FROM part JOIN debit d ON d.user_id = part.u
    ORDER BY part.u, part.id
    RETURNING id, user_id
  ), stored AS (
    SELECT m.user_id, array_agg(m.id ORDER BY m.id) AS ids FROM message m GROUP BY m.user_id
  ), conversation AS (
    UPDATE conversations c SET
      messages_in = c.messages_in + cardinality(s.ids), unread = c.unread + cardinality(s.ids),
      preview = d.t, last_message_at = now(), last_user_message_at = now(),
      waiting_since = coalesce(c.waiting_since, now()), card_dirty_at = coalesce(c.card_dirty_at, now()),
      archived_at = NULL, closed_at = NULL
    FROM debit d JOIN stored s ON s.user_id = d.user_id
    WHERE c.user_id = d.user_id
  ), lane AS MATERIALIZED (
    -- Hand the rows to the caller only where nobody else still owes something on the lane.
    SELECT d.user_id, p_owner IS NOT NULL AND NOT EXISTS (
      SELECT 1 FROM outbox o
      WHERE o.lane IN ('topic:' || d.user_id, 'chat:' || d.user_id) AND o.state IN ('pending', 'sending', 'unknown')
        AND o.owner IS DISTINCT FROM p_owner OFFSET 0) AS mine
    FROM debit d
  ), relay AS (
    INSERT INTO outbox (lane, purpose, priority, user_id, message_id, payload, state, owner, lease_until)
    SELECT 'topic:' || d.user_id, 'relay', 1, d.user_id, s.ids[1],
           jsonb_build_object('messageIds', (SELECT jsonb_agg(x::text) FROM unnest(s.ids) x), 'credits', d.credits,
                              'passUntil', to_jsonb(d.pass_until), 'cost', d.cost),
           CASE WHEN l.mine THEN 'sending' ELSE 'pending' END::outbox_state,
           CASE WHEN l.mine THEN p_owner END,
           CASE WHEN l.mine THEN now() + make_interval(secs => p_lease_seconds) END
    FROM debit d JOIN stored s ON s.user_id = d.user_id JOIN lane l ON l.user_id = d.user_id
    RETURNING id, user_id
  ), receipt AS (
    INSERT INTO outbox (lane, purpose, priority, user_id, payload, state, owner, lease_until)
    SELECT 'chat:' || d.user_id, 'receipt', 0, d.user_id,
           jsonb_build_object('cost', d.cost, 'credits', d.credits, 'passUntil', to_jsonb(d.pass_until),
                              'userMessageId', d.first_id),
           CASE WHEN l.mine THEN 'sending' ELSE 'pending' END::outbox_state,
           CASE WHEN l.mine THEN p_owner END,
           CASE WHEN l.mine THEN now() + make_interval(secs => p_lease_seconds) END
    FROM debit d JOIN lane l ON l.user_id = d.user_id
    WHERE p_receipts
    RETURNING id, user_id
  ), low AS (
    -- Exactly at the crossing, hence once per crossing.
    INSERT INTO outbox (lane, purpose, priority, user_id, payload)
    SELECT 'chat:' || d.user_id, 'notice', 0, d.user_id,
           jsonb_build_object('text', 'notice-low-credits', 'args', jsonb_build_object('credits', d.credits), 'buttons', 'buy')
    FROM debit d WHERE d.cost > 0 AND d.credits <= p_low_credits AND d.credits + d.cost > p_low_credits
  ), closed AS (
    -- By an array, because a join would be planned as a pass over the whole inbox.
    UPDATE inbox SET done_at = now()
    WHERE inbox.bot_id = p_bot_id AND inbox.done_at IS NULL AND inbox.update_id = ANY (ARRAY(
      SELECT json_array_elements_text(item.i)::bigint FROM item JOIN debit d ON d.user_id = item.u))
  )
  SELECT item.u,
    CASE WHEN d.user_id IS NOT NULL THEN 'accepted'
         WHEN users.banned_at IS NOT NULL THEN 'banned'
         WHEN fresh.u IS NULL THEN 'duplicate'
         ELSE 'insufficient' END,
    coalesce(d.cost, fresh.price, 0), coalesce(d.credits, a.paid + a.bonus - a.debt),
    coalesce(d.pass_until, a.pass_until), coalesce(s.ids, '{}'), relay.id, receipt.id, coalesce(l.mine, false)
  FROM item
    JOIN users ON users.id = item.u
    JOIN accounts a ON a.user_id = item.u
    LEFT JOIN fresh ON fresh.u = item.u
    LEFT JOIN debit d ON d.user_id = item.u
    LEFT JOIN stored s ON s.user_id = item.u
    LEFT JOIN lane l ON l.user_id = item.u
    LEFT JOIN relay ON relay.user_id = item.u
    LEFT JOIN receipt ON receipt.user_id = item.u;
END
$$;
