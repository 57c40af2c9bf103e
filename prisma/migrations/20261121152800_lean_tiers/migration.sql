-- The same rule as one expression, which PostgreSQL writes into the query instead of calling: everybody's tier at once.
CREATE OR REPLACE FUNCTION tier_by_rules(p_spent_minor bigint, p_purchases int, p_rules jsonb) RETURNS tier
LANGUAGE sql IMMUTABLE AS $$
  SELECT CASE
    WHEN p_purchases >= nullif((p_rules #>> '{vip,purchases}')::int, 0)
      OR p_spent_minor >= nullif((p_rules #>> '{vip,spentMinor}')::bigint, 0) THEN 'vip'::tier
    WHEN p_purchases >= nullif((p_rules #>> '{regular,purchases}')::int, 0)
      OR p_spent_minor >= nullif((p_rules #>> '{regular,spentMinor}')::bigint, 0) THEN 'regular'::tier
    ELSE 'new'::tier
  END
$$;
