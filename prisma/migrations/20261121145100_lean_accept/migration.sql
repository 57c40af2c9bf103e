-- Accepting a message for less work, its price by setting, the recharge it may ask for, and its charge given back.
-- Every object made here is listed in prisma/handwritten.ts.

-- Places that messages have already.
INSERT INTO message_places (topic_chat_id, topic_message_id, message_id, created_at)
SELECT topic_chat_id, topic_message_id, id, coalesce(delivered_at, created_at) FROM messages
WHERE direction = 'in' AND topic_message_id IS NOT NULL AND topic_chat_id IS NOT NULL;

UPDATE conversations SET last_message_minute = date_trunc('minute', last_message_at) WHERE last_message_at IS NOT NULL;

-- Rows that somebody else works on. Empty with one worker, so that asking whether there are any costs nothing.
CREATE INDEX outbox_sending_owner ON outbox (owner) WHERE state = 'sending';

DROP FUNCTION accept_messages(bigint, json, jsonb, boolean, int, text, int);

-- Accepts up to a hundred messages of as many different users at once: charges each, writes it down, owes the relay
-- and the receipt, and closes the updates it came from. One call is one transaction, so a message is never charged
-- without being in the team's inbox, and never in the inbox without being charged.
--
-- p_users … p_previews have one element per message, p_part_… one per Telegram message (an album has several parts),
-- p_update_… one per inbox row to close. An album costs what its dearest part costs, or what all parts cost together.
-- Two processes that accept the same message at once meet in the unique keys of messages and ledger_entries: the later
-- one fails with unique_violation, and its retry answers `duplicate`.
CREATE FUNCTION accept_messages(
  p_bot_id bigint,
  p_users bigint[], p_first_names text[], p_last_names text[], p_usernames text[], p_languages text[],
  p_albums text[], p_previews text[],
  p_part_users bigint[], p_part_ids bigint[], p_part_kinds text[], p_part_texts text[], p_part_prices int[],
  p_part_contents json, p_update_users bigint[], p_update_ids bigint[],
  p_sum_albums boolean, p_receipts boolean, p_low_credits int, p_owner text, p_lease_seconds int
) RETURNS TABLE (
  user_id bigint, status text, cost int, credits int, pass_until timestamptz, message_ids bigint[],
  relay_id bigint, receipt_id bigint, leased boolean
) LANGUAGE plpgsql
-- Plans are cached while tables are still small; only index look-ups keep the cost flat when they have grown.
-- OFFSET 0 and the arrays of keys keep each access to a table a look-up per row instead of a join over all of it.
SET enable_seqscan = off SET enable_mergejoin = off
AS $$
#variable_conflict use_column
DECLARE
  v_alone boolean;
BEGIN
  INSERT INTO users (id, first_name, last_name, username, language_code)
  SELECT i.u, i.fn, i.ln, i.un, i.lc
  FROM unnest(p_users, p_first_names, p_last_names, p_usernames, p_languages) AS i(u, fn, ln, un, lc)
  WHERE NOT EXISTS (
    SELECT 1 FROM users x WHERE x.id = i.u AND x.blocked_at IS NULL
      AND (x.first_name, x.last_name, x.username, x.language_code) IS NOT DISTINCT FROM (i.fn, i.ln, i.un, i.lc) OFFSET 0)
  ORDER BY i.u
  ON CONFLICT (id) DO UPDATE SET first_name = excluded.first_name, last_name = excluded.last_name,
    username = excluded.username, language_code = excluded.language_code, blocked_at = NULL;

  IF EXISTS (
    SELECT 1 FROM unnest(p_users) AS i(u)
    WHERE NOT EXISTS (SELECT 1 FROM accounts x WHERE x.user_id = i.u OFFSET 0)
       OR NOT EXISTS (SELECT 1 FROM conversations x WHERE x.user_id = i.u OFFSET 0)
  ) THEN
    INSERT INTO accounts (user_id) SELECT i.u FROM unnest(p_users) AS i(u) ORDER BY i.u ON CONFLICT DO NOTHING;
    INSERT INTO conversations (user_id) SELECT i.u FROM unnest(p_users) AS i(u) ORDER BY i.u ON CONFLICT DO NOTHING;
  END IF;

  -- Nobody else owes anything to anybody: then no lane needs to be looked at.
  v_alone := p_owner IS NOT NULL
    AND NOT EXISTS (SELECT 1 FROM outbox o WHERE o.state IN ('pending', 'unknown'))
    AND NOT EXISTS (SELECT 1 FROM outbox o WHERE o.state = 'sending' AND o.owner < p_owner)
    AND NOT EXISTS (SELECT 1 FROM outbox o WHERE o.state = 'sending' AND o.owner > p_owner);

  RETURN QUERY
  WITH item AS MATERIALIZED (
    SELECT i.u, i.a, i.t, person.banned_at
    FROM unnest(p_users, p_albums, p_previews) AS i(u, a, t),
      LATERAL (SELECT x.banned_at FROM users x WHERE x.id = i.u OFFSET 0) person
  ), part AS MATERIALIZED (
    SELECT x.u, x.id, x.k, x.t, x.price, x.content, row_number() OVER (PARTITION BY x.u ORDER BY x.id) AS position
    FROM ROWS FROM (unnest(p_part_users, p_part_ids, p_part_kinds, p_part_texts, p_part_prices),
                    json_array_elements(p_part_contents)) AS x(u, id, k, t, price, content)
    WHERE NOT EXISTS (
      SELECT 1 FROM messages m WHERE m.bot_id = p_bot_id AND m.user_id = x.u AND m.user_message_id = x.id OFFSET 0)
  ), fresh AS MATERIALIZED (
    -- A late part of an album that was charged by its dearest part already belongs to it and costs nothing.
    SELECT item.u, item.a, item.t, g.first_id,
           CASE WHEN p_sum_albums THEN g.all_of_them
                WHEN item.a IS NOT NULL AND EXISTS (
                  SELECT 1 FROM messages m WHERE m.user_id = item.u AND m.album_id = item.a AND m.bot_id = p_bot_id OFFSET 0)
                THEN 0 ELSE g.dearest END AS price
    FROM item JOIN (
      SELECT part.u, min(part.id) AS first_id, max(part.price) AS dearest, sum(part.price)::int AS all_of_them
      FROM part GROUP BY part.u) g ON g.u = item.u
    WHERE item.banned_at IS NULL
  ), held AS MATERIALIZED (
    -- Locked in one order, so that two batches can never wait for each other; what is read here is the newest truth.
    SELECT f.u AS user_id, f.a, f.t, f.first_id, a.paid, a.bonus,
           CASE WHEN a.pass_until > now() THEN 0 ELSE f.price END AS cost
    FROM (SELECT * FROM fresh ORDER BY fresh.u) f,
      LATERAL (SELECT x.paid, x.bonus, x.pass_until FROM accounts x WHERE x.user_id = f.u FOR UPDATE) a
  ), debit AS MATERIALIZED (
    UPDATE accounts a SET
      bonus = h.bonus - least(h.bonus, h.cost),
      paid = h.paid - greatest(h.cost - h.bonus, 0),
      version = a.version + CASE WHEN h.cost = 0 THEN 0 ELSE 1 END
    FROM held h
    WHERE a.user_id = h.user_id AND a.user_id = ANY (p_users) AND h.paid + h.bonus >= h.cost
    RETURNING a.user_id, a.paid + a.bonus - a.debt AS credits, a.pass_until, a.version, a.recharge_below,
      h.cost, least(h.bonus, h.cost) AS from_bonus, h.first_id, h.a, h.t
  ), entry AS (
    INSERT INTO ledger_entries (user_id, version, kind, ref, amount, paid_delta, bonus_delta, balance_after,
                                pass_until_after, contra, actor)
    SELECT d.user_id, d.version, 'spend', format('msg:%s:%s:%s', p_bot_id, d.user_id, d.first_id), -d.cost,
           d.from_bonus - d.cost, -d.from_bonus, d.credits, d.pass_until, 'messages', 'user'
    FROM debit d WHERE d.cost > 0
  ), recharge AS (
    -- The debit that leaves too little is what asks for more; one that is under way already is enough.
    INSERT INTO recharge_attempts (user_id)
    SELECT d.user_id FROM debit d WHERE d.cost > 0 AND d.credits <= d.recharge_below
    ON CONFLICT DO NOTHING
  ), message AS (
    INSERT INTO messages (bot_id, user_id, direction, kind, text, content, album_id, user_message_id, cost)
    SELECT p_bot_id, part.u, 'in', part.k, part.t, part.content, d.a, part.id,
           CASE WHEN part.position = 1 THEN d.cost ELSE 0 END
    FROM part JOIN debit d ON d.user_id = part.u
    ORDER BY part.u, part.id
    RETURNING id, user_id
  ), stored AS MATERIALIZED (
    SELECT d.user_id, d.credits, d.pass_until, d.cost, d.first_id, d.t, m.ids,
      v_alone OR (p_owner IS NOT NULL
        AND NOT EXISTS (
          SELECT 1 FROM outbox o WHERE o.lane = 'topic:' || d.user_id AND o.state IN ('pending', 'sending', 'unknown')
            AND o.owner IS DISTINCT FROM p_owner OFFSET 0)
        AND NOT EXISTS (
          SELECT 1 FROM outbox o WHERE o.lane = 'chat:' || d.user_id AND o.state IN ('pending', 'sending', 'unknown')
            AND o.owner IS DISTINCT FROM p_owner OFFSET 0)) AS mine
    FROM debit d JOIN (
      SELECT x.user_id, array_agg(x.id ORDER BY x.id) AS ids FROM message x GROUP BY x.user_id) m ON m.user_id = d.user_id
  ), conversation AS (
    UPDATE conversations c SET
      messages_in = c.messages_in + cardinality(s.ids), unread = c.unread + cardinality(s.ids),
      preview = s.t, last_message_at = now(), last_message_minute = date_trunc('minute', now()), last_user_message_at = now(),
      waiting_since = coalesce(c.waiting_since, now()), card_dirty_at = coalesce(c.card_dirty_at, now()),
      archived_at = NULL, closed_at = NULL
    FROM stored s
    WHERE c.user_id = s.user_id AND c.user_id = ANY (p_users)
  ), relay AS (
    INSERT INTO outbox (lane, purpose, priority, user_id, message_id, payload, state, owner, lease_until)
    SELECT 'topic:' || s.user_id, 'relay', 1, s.user_id, s.ids[1],
           json_build_object('messageIds', s.ids::text[], 'credits', s.credits, 'passUntil', s.pass_until, 'cost', s.cost),
           CASE WHEN s.mine THEN 'sending' ELSE 'pending' END::outbox_state,
           CASE WHEN s.mine THEN p_owner END,
           CASE WHEN s.mine THEN now() + make_interval(secs => p_lease_seconds) END
    FROM stored s
    RETURNING id, user_id
  ), receipt AS (
    INSERT INTO outbox (lane, purpose, priority, user_id, payload, state, owner, lease_until)
    SELECT 'chat:' || s.user_id, 'receipt', 0, s.user_id,
           json_build_object('cost', s.cost, 'credits', s.credits, 'passUntil', s.pass_until, 'userMessageId', s.first_id),
           CASE WHEN s.mine THEN 'sending' ELSE 'pending' END::outbox_state,
           CASE WHEN s.mine THEN p_owner END,
           CASE WHEN s.mine THEN now() + make_interval(secs => p_lease_seconds) END
    FROM stored s
    WHERE p_receipts
    RETURNING id, user_id
  ), low AS (
    -- Exactly at the crossing, hence once per crossing.
    INSERT INTO outbox (lane, purpose, priority, user_id, payload)
    SELECT 'chat:' || d.user_id, 'notice', 0, d.user_id,
           json_build_object('text', 'notice-low-credits', 'args', json_build_object('credits', d.credits), 'buttons', 'buy')
    FROM debit d WHERE d.cost > 0 AND d.credits <= p_low_credits AND d.credits + d.cost > p_low_credits
  ), closed AS (
    -- The payload has done its duty: what is kept of the message is in messages.
    UPDATE inbox SET done_at = now(), payload = 'null'
    WHERE inbox.bot_id = p_bot_id AND inbox.done_at IS NULL AND inbox.update_id = ANY (ARRAY(
      SELECT x.id FROM unnest(p_update_users, p_update_ids) AS x(u, id) JOIN debit d ON d.user_id = x.u))
  )
  SELECT item.u,
    CASE WHEN s.user_id IS NOT NULL THEN 'accepted'
         WHEN item.banned_at IS NOT NULL THEN 'banned'
         WHEN fresh.u IS NULL THEN 'duplicate'
         ELSE 'insufficient' END,
    coalesce(s.cost, fresh.price, 0), coalesce(s.credits, a.credits),
    coalesce(s.pass_until, a.pass_until), coalesce(s.ids, '{}'), relay.id, receipt.id, coalesce(s.mine, false)
  FROM item
    LEFT JOIN fresh ON fresh.u = item.u
    LEFT JOIN stored s ON s.user_id = item.u
    LEFT JOIN relay ON relay.user_id = item.u
    LEFT JOIN receipt ON receipt.user_id = item.u
    LEFT JOIN LATERAL (
      SELECT x.paid + x.bonus - x.debt AS credits, x.pass_until FROM accounts x
      WHERE s.user_id IS NULL AND x.user_id = item.u OFFSET 0) a ON true;
END
$$;

-- Gives back what messages cost that the team can never open, each at most once, and tells their users. A message that
-- stands anywhere in the team's group was delivered and keeps its charge.
CREATE FUNCTION release_charges(p_message_ids bigint[]) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  m record;
  a accounts%ROWTYPE;
BEGIN
  FOR m IN
    SELECT e.user_id, e.ref, e.paid_delta, e.bonus_delta
    FROM messages x JOIN ledger_entries e
      ON e.kind = 'spend' AND e.ref = format('msg:%s:%s:%s', x.bot_id, x.user_id, x.user_message_id)
    WHERE x.id = ANY (p_message_ids) AND x.direction = 'in' AND x.cost > 0
      AND NOT EXISTS (SELECT 1 FROM message_places p WHERE p.message_id = x.id)
    ORDER BY e.user_id, e.id
  LOOP
    SELECT * INTO a FROM accounts WHERE user_id = m.user_id FOR UPDATE;
    CONTINUE WHEN EXISTS (SELECT 1 FROM ledger_entries e WHERE e.kind = 'release' AND e.ref = m.ref);
    UPDATE accounts SET paid = a.paid - m.paid_delta, bonus = a.bonus - m.bonus_delta, version = a.version + 1
    WHERE user_id = m.user_id RETURNING * INTO a;
    INSERT INTO ledger_entries (user_id, version, kind, ref, amount, paid_delta, bonus_delta, balance_after,
                                pass_until_after, contra, actor)
    VALUES (m.user_id, a.version, 'release', m.ref, -m.paid_delta - m.bonus_delta, -m.paid_delta, -m.bonus_delta,
            a.paid + a.bonus - a.debt, a.pass_until, 'messages', 'system');
    INSERT INTO outbox (lane, purpose, priority, user_id, payload)
    VALUES ('chat:' || m.user_id, 'notice', 0, m.user_id,
            json_build_object('text', 'notice-charge-released', 'args', json_build_object(
              'credits', -m.paid_delta - m.bonus_delta, 'balance', a.paid + a.bonus - a.debt)));
  END LOOP;
END
$$;
