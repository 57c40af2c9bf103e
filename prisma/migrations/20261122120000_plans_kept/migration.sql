-- Accepting one message cost as much as planning the statement anew: where few messages come at a time the planner found
-- that a plan for just these looks cheaper than the kept one, every time, and making it took most of the work. The kept
-- plan is as good, as long as it joins a batch by hashing it: loops within loops grow with the square of the batch.
-- The forbidden loops make the plan look dear enough to compile it, which would take a hundred times as long as running it.
ALTER FUNCTION accept_messages SET plan_cache_mode = force_generic_plan;
ALTER FUNCTION accept_messages SET enable_nestloop = off;
ALTER FUNCTION accept_messages SET jit = off;
